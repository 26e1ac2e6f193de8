-- Appends entries to the chains of partitions, to each if its head is the
-- expected one.
-- KEYS: for each partition: entries, visitors by revision, then for each entry
--       the visitor's bucket and the counts of the day, or how many entries are
--       not counted if it is not
-- ARGV: for each partition: how many entries, expected length, expected chain
--       hash ('': none), then for each entry: revision ('': it is no record),
--       count key ('': it is not counted), entry
-- Returns nil if all were appended. Otherwise a reply for each partition: false
-- if its entries were appended. If not, none was, and it is {'head', length,
-- newest entry}, or {'there', place here, seq, entry, ...} of the records that
-- visitors have already.
local revision_size, place_size = 4, 21
local call, sub, pack, unpack_bytes = redis.call, string.sub, struct.pack, struct.unpack

-- The time puts entries of different partitions into their order.
local now = call('TIME')
local time = pack('>I7', now[1] * 1000000 + now[2])

-- Appends to one partition. k and a are the places before its first key and
-- argument. Redis turns numbers into text for a call with great care; '1' is
-- much faster than 1.
local function append(k, a, count)
  local list = KEYS[k + 1]
  local ids, indexes, there = {}, {}, nil
  for i = 1, count do
    if ARGV[a + i * 3 + 1] ~= '' then
      local entry = ARGV[a + i * 3 + 3]
      local visitor, id = sub(entry, -32, -17), sub(entry, -16)
      ids[i] = visitor
      local index = indexes[visitor] or call('HGET', KEYS[k + i * 2 + 1], visitor) or ''
      indexes[visitor] = index
      for at = revision_size + 1, #index, place_size do
        if sub(index, at, at + 15) == id then
          local seq = unpack_bytes('>I5', index, at + 16)
          local found = call('LINDEX', list, seq - 1)
          if found and sub(found, -16) == id then
            -- The same again is a write all the same: whoever waits for replicas
            -- to have what she wrote must wait for this, too.
            call('HSET', KEYS[k + i * 2 + 1], visitor, index)
            there = there or {'there'}
            there[#there + 1] = i
            there[#there + 1] = seq
            there[#there + 1] = found
          else
            -- Somebody deleted the record past Optgate: then this is its first.
            indexes[visitor] = sub(index, 1, at - 1) .. sub(index, at + place_size)
          end
          break
        end
      end
    end
  end
  if there then
    return there
  end

  local newest = call('LINDEX', list, '-1') or ''
  local seq = tonumber(ARGV[a + 2])
  if sub(newest, 8, 39) ~= ARGV[a + 3] then
    return {'head', call('LLEN', list), newest}
  end
  for i = 1, count do
    local revision, key, entry = ARGV[a + i * 3 + 1], ARGV[a + i * 3 + 2], ARGV[a + i * 3 + 3]
    seq = seq + 1
    local length = call('RPUSH', list, time .. entry)
    if length ~= seq then
      -- Somebody deleted entries past Optgate. Nothing else is written yet, for
      -- this is the first.
      call('RPOP', list)
      return {'head', length - 1, newest}
    end
    local visitor = ids[i]
    if visitor then
      -- The entry and what leads to it come first: of all that is written, only
      -- counts can have a type that nothing has read before.
      local index = indexes[visitor]
      local before = sub(index, 1, revision_size)
      index = revision .. sub(index, revision_size + 1) .. sub(entry, -16) .. pack('>I5', seq)
      call('HSET', KEYS[k + i * 2 + 1], visitor, index)
      indexes[visitor] = index
      if before ~= revision then
        call('HINCRBY', KEYS[k + 2], revision, '1')
        if before ~= '' then
          call('HINCRBY', KEYS[k + 2], before, '-1')
        end
      end
    end
    if key ~= '' then
      call('HINCRBY', KEYS[k + i * 2 + 2], key, '1')
    else
      call('INCR', KEYS[k + i * 2 + 2])
    end
  end
  return false
end

local k, a, replies, all = 0, 0, {}, true
while a < #ARGV do
  local count = tonumber(ARGV[a + 1])
  local reply = append(k, a, count)
  replies[#replies + 1] = reply
  all = all and not reply
  k, a = k + 2 + count * 2, a + 3 + count * 3
end
return not all and replies
