-- Appends a record, unless the visitor has one of its id.
-- KEYS: stream, visitor's bucket, counts of the day
-- ARGV: visitor, record id, packed record, packed answer
-- Returns the packed record that was there before, or nil.
local entry_size = 26
local entries = redis.call('HGET', KEYS[2], ARGV[1]) or ''
for i = 1, #entries, entry_size do
  if string.sub(entries, i, i + 15) == ARGV[2] then
    local ms, n = struct.unpack('>I6I4', entries, i + 16)
    local id = string.format('%.0f-%.0f', ms, n)
    local found = redis.call('XRANGE', KEYS[1], id, id)[1]
    if found then
      -- The same again is a write all the same: whoever waits for replicas to
      -- have what she wrote must wait for this, too.
      redis.call('HSET', KEYS[2], ARGV[1], entries)
      return found[2][2]
    end
    -- Somebody deleted the record past Optgate: then this is its first.
    entries = string.sub(entries, 1, i - 1) .. string.sub(entries, i + entry_size)
    break
  end
end

-- The microseconds as the id's second number put the records of different
-- partitions into their order. Redis refuses that id when its clock was set
-- back; then the next free id is as good.
local now = redis.call('TIME')
local ms = string.format('%s%03d', now[1], math.floor(now[2] / 1000))
local id = redis.pcall('XADD', KEYS[1], ms .. '-' .. now[2] % 1000, 'r', ARGV[3])
if type(id) == 'table' then
  id = redis.call('XADD', KEYS[1], '*', 'r', ARGV[3])
end
local id_ms, id_n = string.match(id, '^(%d+)-(%d+)$')
local entry = ARGV[2] .. struct.pack('>I6I4', tonumber(id_ms), tonumber(id_n))
redis.call('HSET', KEYS[2], ARGV[1], entries .. entry)
redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
return false
