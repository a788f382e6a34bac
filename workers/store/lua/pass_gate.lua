-- Lets a call through the gate of a destination, or says when to ask again.
-- Keeps true: of all calls that passed, no more hold a token than there are tokens, and no more are in
-- flight than there are places; who came first passes first. A caller that died gives up its place in
-- the line by its silence, its token and its place in flight by their lease.
-- ARGV: destination, call id, waiter, tokens, window ms, places, lease ms, ms the caller would still
-- wait, ms after which a silent waiter is gone, ms after which it asks again at the latest, ms after
-- which a call without an answer is slow, "1" where a worker is to be left free.
-- Returns {"go", 0} | {"wait", ms until it asks again} | {"closed" | "line" | "slow", ms until its turn:
-- it would wait too long and stands in the line no longer}. "slow": each place has a call that is.
local call, waiter = ARGV[2], ARGV[3]
local tokens, window = tonumber(ARGV[4]), tonumber(ARGV[5])
local places = places_of(tonumber(ARGV[6]), ARGV[12])
local lease, patience = tonumber(ARGV[7]), tonumber(ARGV[8])
local longest = tonumber(ARGV[10])
local now = now_ms()
-- this very script ran before, and its answer was lost on the way
if redis.call('ZSCORE', FLYING, call) then return {'go', 0} end

-- Forgets what is over. What ends later than anything begun now can was written before the clock was
-- set back, and counts as begun now.
local function tidy(set, longest)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', stamp_of(now))
  local ahead = redis.call('ZRANGEBYSCORE', set, '(' .. stamp_of(now + longest), '+inf')
  for _, other in ipairs(ahead) do redis.call('ZADD', set, stamp_of(now + longest), other) end
end

tidy(TOKENS, math.max(lease, 2 * window))
tidy(FLYING, lease)
local silence, woke = tonumber(ARGV[9]), false
for _, range in ipairs({{'-inf', stamp_of(now - silence)}, {stamp_of(now + silence), '+inf'}}) do
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', ALIVE, range[1], range[2])) do
    redis.call('ZREM', LINE, gone)
    redis.call('ZREM', ALIVE, gone)
    woke = true
  end
end
if woke then wake_first() end

local function step_out()
  redis.call('ZREM', ALIVE, waiter)
  return redis.call('ZREM', LINE, waiter) == 1
end

-- When the token at that place of the order in which they become free is free, in ms from now.
local function free_in(place)
  local taken = redis.call('ZRANGE', TOKENS, place, place, 'WITHSCORES')
  return taken[2] and tonumber(taken[2]) - now or 0
end

local closed = tonumber(redis.call('GET', CLOSED) or 0) - now
local place = redis.call('ZRANK', LINE, waiter) or redis.call('ZCARD', LINE)
local over = redis.call('ZCARD', TOKENS) - tokens
local full = redis.call('ZCARD', FLYING) >= places
if place == 0 and closed <= 0 and over < 0 and not full then
  redis.call('ZADD', TOKENS, stamp_of(now + lease), call)
  redis.call('ZADD', FLYING, stamp_of(now + lease), call)
  step_out()
  wake_first()
  return {'go', 0}
end

local youngest = full and redis.call('ZREVRANGE', FLYING, 0, 0, 'WITHSCORES')[2]
if youngest and now - (tonumber(youngest) - lease) >= tonumber(ARGV[11]) then
  step_out()
  return {'slow', tonumber(ARGV[11])}
end

-- those before it take the tokens that become free first; what has not left yet is taken to leave now
local ahead, wait = over + place % tokens, 0
if ahead >= 0 then wait = math.min(free_in(ahead), window) end
wait = math.max(closed, 0) + wait + math.floor(place / tokens) * window
if wait > patience or patience <= 0 then
  if step_out() then wake_first() end
  return {closed > 0 and 'closed' or 'line', wait}
end
if not redis.call('ZSCORE', LINE, waiter) then
  redis.call('ZADD', LINE, redis.call('INCR', K.gate_ticket .. ARGV[1]), waiter)
end
redis.call('ZADD', ALIVE, stamp_of(now), waiter)
if place > 0 then return {'wait', longest} end
local free = math.max(closed, over >= 0 and free_in(over) or 0)
if free <= 0 then free = longest end
return {'wait', math.min(free, longest)}
