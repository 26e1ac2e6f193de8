-- Takes a guess, if there is one. What is kept is when all will have come back; a
-- clock that was set back makes nobody wait for longer than that takes.
-- KEYS: the guesses of one key
-- ARGV: now, how long until one comes back (both in milliseconds), how many at once
-- Returns 0, or the milliseconds until there is one.
local now, every, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local back = tonumber(redis.call('GET', KEYS[1]) or now)
back = math.min(math.max(back, now), now + every * burst)
local wait = back + every - every * burst - now
if wait > 0 then
  return wait
end
redis.call('SET', KEYS[1], string.format('%d', back + every), 'PX', back + every - now)
return 0
