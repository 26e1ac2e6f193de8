-- Appends entries to a partition's chain if its head is the expected one.
-- KEYS: entries, visitors by revision, then for each entry the visitor's bucket
--       and the counts of the day
-- ARGV: expected length, expected chain hash ('': none), then for each entry:
--       visitor ('': it is no record), record id, revision, entry, count key
--       ('': it was counted)
-- Returns nil if all were appended. Otherwise none was, and it returns
-- {'head', length, newest entry}, or {'there', place here, seq, entry, ...} of
-- the records that visitors have already.
local revision_size, place_size = 4, 21
local count = (#ARGV - 2) / 5
local indexes, there = {}, {'there'}
for i = 1, count do
  local visitor, id = ARGV[i * 5 - 2], ARGV[i * 5 - 1]
  if visitor ~= '' and indexes[visitor] == nil then
    indexes[visitor] = redis.call('HGET', KEYS[i * 2 + 1], visitor)
  end
  local index = indexes[visitor] or ''
  for at = revision_size + 1, #index, place_size do
    if string.sub(index, at, at + 15) == id then
      local seq = struct.unpack('>I5', index, at + 16)
      local found = redis.call('LINDEX', KEYS[1], seq - 1)
      if found and string.sub(found, -16) == id then
        -- The same again is a write all the same: whoever waits for replicas to
        -- have what she wrote must wait for this, too.
        redis.call('HSET', KEYS[i * 2 + 1], visitor, index)
        there[#there + 1] = i
        there[#there + 1] = seq
        there[#there + 1] = found
      else
        -- Somebody deleted the record past Optgate: then this is its first.
        indexes[visitor] = string.sub(index, 1, at - 1) .. string.sub(index, at + place_size)
      end
      break
    end
  end
end
if #there > 1 then
  return there
end

local seq = redis.call('LLEN', KEYS[1])
local newest = redis.call('LINDEX', KEYS[1], -1) or ''
if seq ~= tonumber(ARGV[1]) or string.sub(newest, 8, 39) ~= ARGV[2] then
  return {'head', seq, newest}
end

-- The time puts entries of different partitions into their order.
local now = redis.call('TIME')
local time = struct.pack('>I7', now[1] * 1000000 + now[2])
for i = 1, count do
  local visitor, revision, key = ARGV[i * 5 - 2], ARGV[i * 5], ARGV[i * 5 + 2]
  redis.call('RPUSH', KEYS[1], time .. ARGV[i * 5 + 1])
  seq = seq + 1
  if visitor ~= '' then
    local index = indexes[visitor] or ''
    local before = string.sub(index, 1, revision_size)
    if before ~= revision then
      redis.call('HINCRBY', KEYS[2], revision, 1)
      if before ~= '' then
        redis.call('HINCRBY', KEYS[2], before, -1)
      end
    end
    index = revision .. string.sub(index, revision_size + 1) .. ARGV[i * 5 - 1] .. struct.pack('>I5', seq)
    redis.call('HSET', KEYS[i * 2 + 1], visitor, index)
    if key ~= '' then
      redis.call('HINCRBY', KEYS[i * 2 + 2], key, 1)
    end
    indexes[visitor] = index
  end
end
return false
