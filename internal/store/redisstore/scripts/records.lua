-- Reads a visitor's records, oldest first.
-- KEYS: entries, visitor's bucket
-- ARGV: visitor, how many of the newest (0: all)
-- Returns the partition's length and newest entry, and then of each record its
-- seq and its entry ('' if somebody deleted it).
local revision_size, place_size = 4, 21
local index = redis.call('HGET', KEYS[2], ARGV[1]) or ''
local first = revision_size + 1
local newest = tonumber(ARGV[2])
if newest > 0 then
  first = math.max(first, #index + 1 - newest * place_size)
end
local reply = {redis.call('LLEN', KEYS[1]), redis.call('LINDEX', KEYS[1], -1) or ''}
for at = first, #index, place_size do
  local seq = struct.unpack('>I5', index, at + 16)
  reply[#reply + 1] = seq
  reply[#reply + 1] = redis.call('LINDEX', KEYS[1], seq - 1) or ''
end
return reply
