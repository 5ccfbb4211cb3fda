-- How many requests a second the provider bears, with bodies of 1 kB that plan two utterances:
--   slotmill-provider --port 8899 &
--   wrk -t1 -c64 -d5s -s tests/provider/capacity.lua http://127.0.0.1:8899/v1/chat/completions
local filler = string.rep("Write as people speak. ", 38)
local count = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  count = count + 1
  return wrk.format(nil, nil, nil, '{"model":"provider","messages":[{"role":"user","content":"' .. filler .. count ..
    '\\n1. [device:screen] [level:30] | plain\\n2. [device:lamp] | polite"}]}')
end
