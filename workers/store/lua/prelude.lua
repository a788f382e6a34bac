-- Shared by every script (placed before it). Times are whole milliseconds of Redis's own clock, so
-- that all machines agree on what is due. An id that starts with "evt_" is an event, else a run.

local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function key_of(id)
  if string.sub(id, 1, 4) == 'evt_' then return K.event .. id end
  return K.run .. id
end

local function count(source, what, n)
  redis.call('HINCRBY', K.counts, source .. ' ' .. what, n)
end

-- The entries of `due` by priority. They only help to choose; what they say is checked against `due`.
local CLASSES = {K.due_high, K.due_event, K.due_normal, K.due_low}

local function class_of(id)
  if string.sub(id, 1, 4) == 'evt_' then return K.due_event end
  local priority = redis.call('HGET', K.run .. id, 'priority')
  if priority == 'high' then return K.due_high end
  if priority == 'low' then return K.due_low end
  return K.due_normal
end

-- "When must someone look again": the only writer of `due` besides `no_more`.
local function look_again(id, at)
  local stamp = string.format('%.0f', at)
  redis.call('ZADD', K.due, stamp, id)
  redis.call('ZADD', class_of(id), stamp, id)
end

-- Nobody need look again.
local function no_more(id)
  redis.call('ZREM', K.due, id)
  for _, class in ipairs(CLASSES) do redis.call('ZREM', class, id) end
end

local function first_due(set, stamp)
  return redis.call('ZRANGEBYSCORE', set, '-inf', stamp, 'LIMIT', 0, 1)[1]
end

-- What is to be done next of all that is due: high before normal before low, and within each what is
-- due for longest. Events go before normal runs, since an urgent run may come of them. Each tenth
-- choice goes by time alone, so that low work is only slowed down.
local function next_due(now)
  local stamp = string.format('%.0f', now)
  local oldest = first_due(K.due, stamp)
  if not oldest then return nil end
  if redis.call('EXISTS', K.prioritised, K.due_high, K.due_low) == 0 then return oldest end
  if redis.call('INCR', K.turns) % 10 == 0 then return oldest end
  for _, class in ipairs(CLASSES) do
    local id = first_due(class, stamp)
    while id do
      local at = redis.call('ZSCORE', K.due, id)
      if at and tonumber(at) <= now then return id end
      -- `due` knows better: the entry follows it
      if at then redis.call('ZADD', class, at, id) else redis.call('ZREM', class, id) end
      id = first_due(class, stamp)
    end
  end
  return oldest
end

local function owns(id, token)
  return redis.call('HGET', key_of(id), 'claim') == token
end

-- Keeps true: accepted = pending + dead + ignored + finished, per source. Every change of an event
-- or of one of its runs ends here, in the same atomic step. Ignored: no run was wanted, or all that
-- were turned out to have nothing to do.
local function settle(event)
  local f = redis.call('HMGET', K.event .. event, 'state', 'source', 'dispatched_at', 'open', 'dead', 'total', 'failed', 'skipped')
  if not f[2] then return end
  local state
  if f[7] == '1' then state = 'dead'
  elseif not f[3] or f[3] == '' or tonumber(f[4]) > 0 then state = 'pending'
  elseif tonumber(f[5]) > 0 then state = 'dead'
  elseif tonumber(f[6]) - tonumber(f[8] or 0) <= 0 then state = 'ignored'
  else state = 'finished' end
  if state ~= f[1] then
    count(f[2], f[1], -1)
    count(f[2], state, 1)
    redis.call('HSET', K.event .. event, 'state', state)
  end
  return state
end

-- Lets the next run that waits for this person be looked at now.
local function leave_learner(learner, token)
  if learner == '' or redis.call('GET', K.learner .. learner) ~= token then return end
  redis.call('DEL', K.learner .. learner)
  local waiting = redis.call('ZPOPMIN', K.line .. learner)
  if waiting[1] and redis.call('ZSCORE', K.due, waiting[1])
      and redis.call('HGET', key_of(waiting[1]), 'claim') == '' then
    look_again(waiting[1], now_ms())
  end
end

-- Gives back a run's key of `once_per` and its place in the `limit`.
local function give_back(id)
  local f = redis.call('HMGET', K.run .. id, 'once', 'rule')
  if f[1] and redis.call('GET', f[1]) == id then redis.call('DEL', f[1]) end
  redis.call('ZREM', K.limit .. f[2], id)
end

-- Whether something of a run was done that is not to be done twice.
local function has_done(key)
  -- some texts that Python writes cjson does not read: half a script must not be the end of it
  local read, steps = pcall(cjson.decode, redis.call('HGET', key, 'steps'))
  if not read then return true end
  for _, step in ipairs(steps) do
    if step.outcome ~= '' and step.outcome ~= 'skipped' then return true end
  end
  return false
end

-- Ends a run: it leaves `due`, and the event's counts follow. One that came to nothing (skipped, or
-- cancelled before anything was done) gives back its key of `once_per` and its place in the `limit`.
-- `aside`: the run is nothing in itself, since others were made of it.
local function end_run(id, state, now, aside)
  local key, stamp = K.run .. id, string.format('%.0f', now)
  local of = redis.call('HGET', key, 'event')
  local event = K.event .. of
  no_more(id)
  redis.call('HSET', key, 'state', state, 'finished_at', stamp, 'claim', '', 'ready', 0)
  redis.call('HINCRBY', event, 'open', -1)
  if state == 'dead' then
    redis.call('ZADD', K.dead, stamp, id)
    redis.call('HINCRBY', event, 'dead', 1)
  end
  if state == 'skipped' or aside then redis.call('HINCRBY', event, 'skipped', 1) end
  if state == 'skipped' or (state == 'cancelled' and not has_done(key)) then give_back(id) end
  settle(of)
end
