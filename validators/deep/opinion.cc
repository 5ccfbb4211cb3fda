#include "validators/deep/opinion.h"

namespace validators::deep {

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::missed:
      return "missed_slot";
    case Kind::boundary:
      return "boundary";
    case Kind::type:
      return "slot_type";
    case Kind::swapped:
      return "swapped_slots";
    case Kind::spurious:
      return "spurious_slot";
    case Kind::intent:
      return "intent";
  }
  return "";
}

}  // namespace validators::deep
