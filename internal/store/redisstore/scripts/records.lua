-- Reads a visitor's records, oldest first.
-- KEYS: stream, visitor's bucket
-- ARGV: visitor, how many of the newest (0: all)
-- Returns packed records.
local entry_size = 26
local entries = redis.call('HGET', KEYS[2], ARGV[1]) or ''
local first = 1
local newest = tonumber(ARGV[2])
if newest > 0 then
  first = math.max(1, #entries + 1 - newest * entry_size)
end
local records = {}
for i = first, #entries, entry_size do
  local ms, n = struct.unpack('>I6I4', entries, i + 16)
  local id = string.format('%.0f-%.0f', ms, n)
  local found = redis.call('XRANGE', KEYS[1], id, id)[1]
  if found then
    records[#records + 1] = found[2][2]
  end
end
return records
