# What mappings may use beside jaq's own definitions. Nothing here recurses or updates.

# A list, a list of one written as the one alone, or nothing: each of its items.
def items: if . == null then empty elif isarray then .[] else . end;

def join($separator):
  reduce .[] as $item (null;
    (if . == null then "" else . + $separator end)
    + ($item | if . == null then "" elif isstring then . else tostring end)
  ) // "";

def map_values(f): with_entries({key, value: (.value | f)});

def tonumber: number;
