-- Looks for a record by its id among those of a span of time.
-- KEYS: entries
-- ARGV: record id, from and to (microseconds), where to go on ('': search), how
--       many entries to look at
-- Returns {seq, entry}, or {where to go on}, or {}.
local function time(i)
  return (struct.unpack('>I7', redis.call('LINDEX', KEYS[1], i)))
end
local length = redis.call('LLEN', KEYS[1])
local from = tonumber(ARGV[4])
if not from then
  local first, last = 0, length
  while first < last do
    local middle = math.floor((first + last) / 2)
    if time(middle) < tonumber(ARGV[2]) then
      first = middle + 1
    else
      last = middle
    end
  end
  from = first
end
local entries = redis.call('LRANGE', KEYS[1], from, from + ARGV[5] - 1)
for i = 1, #entries do
  if struct.unpack('>I7', entries[i]) > tonumber(ARGV[3]) then
    return {}
  end
  if string.byte(entries[i], 40) == 1 and string.sub(entries[i], -16) == ARGV[1] then
    return {from + i, entries[i]}
  end
end
if from + #entries >= length then
  return {}
end
return {from + #entries}
