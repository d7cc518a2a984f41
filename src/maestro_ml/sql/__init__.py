"""SQL as text: names, values, types, times and predicates, and how other engines write them."""
