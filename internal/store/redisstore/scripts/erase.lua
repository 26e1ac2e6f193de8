-- Turns records of a partition into tombstones if its head is the expected one.
-- KEYS: entries, visitors by revision, how many entries from the start on are
--       tombstones and notes, how many entries are not counted, then for each
--       record the visitor's bucket
-- ARGV: expected length, expected chain hash ('': none), the note of the erasure
--       ('': none), the new value of the third key ('': as it is), then for each
--       record: seq, visitor, id, tombstone
-- Returns nil, or {'head', length, newest entry} if nothing was done.
local revision_size, place_size = 4, 21
local length = redis.call('LLEN', KEYS[1])
local newest = redis.call('LINDEX', KEYS[1], -1) or ''
if length ~= tonumber(ARGV[1]) or string.sub(newest, 8, 39) ~= ARGV[2] then
  return {'head', length, newest}
end
for i = 1, (#ARGV - 4) / 4 do
  local seq, visitor, id, tombstone = ARGV[i * 4 + 1], ARGV[i * 4 + 2], ARGV[i * 4 + 3], ARGV[i * 4 + 4]
  local bucket = KEYS[i + 4]
  local time = string.sub(redis.call('LINDEX', KEYS[1], seq - 1), 1, 7)
  redis.call('LSET', KEYS[1], seq - 1, time .. tombstone)
  local index = redis.call('HGET', bucket, visitor) or ''
  for at = revision_size + 1, #index, place_size do
    if string.sub(index, at, at + 15) == id and struct.unpack('>I5', index, at + 16) == tonumber(seq) then
      local left = string.sub(index, 1, at - 1) .. string.sub(index, at + place_size)
      if #left > revision_size then
        redis.call('HSET', bucket, visitor, left)
      else
        redis.call('HDEL', bucket, visitor)
        redis.call('HINCRBY', KEYS[2], string.sub(index, 1, revision_size), -1)
      end
      break
    end
  end
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[3], ARGV[4])
end
if ARGV[3] ~= '' then
  local now = redis.call('TIME')
  redis.call('RPUSH', KEYS[1], struct.pack('>I7', now[1] * 1000000 + now[2]) .. ARGV[3])
  redis.call('INCR', KEYS[4])
end
return false
