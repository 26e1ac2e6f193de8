-- Returns the counts of days of a partition, and what tells whether the counts of
-- other days have changed, all of one moment.
-- KEYS: entries, how many of them are not counted, then the days
-- Returns {entries, how many are not counted, counts of a day, ...}
local reply = {redis.call('LLEN', KEYS[1]), tonumber(redis.call('GET', KEYS[2]) or 0)}
for i = 3, #KEYS do
  reply[i] = redis.call('HGETALL', KEYS[i])
end
return reply
