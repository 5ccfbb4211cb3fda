"""What may be said about any intent. About one that it wasn't trained on the model uses these and the words of its
prompt, and no others (local_model/known_words.h): they are written into its file."""

from __future__ import annotations

FUNCTION_CHARACTERS = ("的了吗吧呢啊呀嘛啦呗哦噢哎嗯嘿哈把被给请帮我你您他她它咱们能可以想要麻烦劳驾谢拜托好行成不下这那个些就也都还先再又没别在从到和与跟对为让"
                       "叫是有很太着过得什么怎几多少两一用哪现马上快点看来去刚才今天所有")

FUNCTION_WORDS = (
    "a about after again all also an and another any are around as at be before but by can can't could did do does "
    "doing don't done down first for from get give go going got great had has have having hello help here hey hi how "
    "I I'd I'll I'm I've if in into is isn't it it's its just kindly know later let let's like long look make many may "
    "me mind more much my need next no not now of off oh ok okay on one or our out over please put quick quickly ready "
    "really right see should so some soon still sure take tell thank thanks that that's the them then there there's "
    "these they this those time to today tonight tomorrow too try until up us use using very wait want wanna was we "
    "we'd we'll we're we've well what what's when where which who will with without would yes you you're your")
