-- Removes a visitor's records.
-- KEYS: stream, visitor's bucket
-- ARGV: visitor
-- Returns how many there were.
local entry_size = 26
local entries = redis.call('HGET', KEYS[2], ARGV[1]) or ''
local erased = 0
for i = 1, #entries, entry_size do
  local ms, n = struct.unpack('>I6I4', entries, i + 16)
  erased = erased + redis.call('XDEL', KEYS[1], string.format('%.0f-%.0f', ms, n))
end
redis.call('HDEL', KEYS[2], ARGV[1])
return erased
