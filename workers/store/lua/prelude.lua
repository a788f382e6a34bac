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
local EVENTS, DEFAULT = '@events', 'default'

-- The sets of the runs of one Coursebox account: high, normal, low.
local function sets_of(account)
  if account == DEFAULT then return {K.due_high, K.due_normal, K.due_low} end
  local stem = K.due_of .. account .. ':'
  return {stem .. 'high', stem .. 'normal', stem .. 'low'}
end

-- Where an entry of `due` is kept beside it, and the account it is of (none for an event).
local function class_of(id)
  if string.sub(id, 1, 4) == 'evt_' then return K.due_event end
  local f = redis.call('HMGET', K.run .. id, 'priority', 'account')
  local account = f[2] or DEFAULT
  local high, normal, low = unpack(sets_of(account))
  if f[1] == 'high' then return high, account end
  if f[1] == 'low' then return low, account end
  return normal, account
end

-- "When must someone look again": the only writer of `due` besides `no_more`.
local function look_again(id, at)
  local stamp = string.format('%.0f', at)
  local class, account = class_of(id)
  redis.call('ZADD', K.due, stamp, id)
  redis.call('ZADD', class, stamp, id)
  if account and account ~= DEFAULT then redis.call('ZADD', K.due_accounts, 'NX', 0, account) end
end

-- Nobody need look again.
local function no_more(id)
  local class = class_of(id)
  redis.call('ZREM', K.due, id)
  redis.call('ZREM', class, id)
  for _, other in ipairs(CLASSES) do redis.call('ZREM', other, id) end
end

local function first_due(set, stamp)
  return redis.call('ZRANGEBYSCORE', set, '-inf', stamp, 'LIMIT', 0, 1)[1]
end

-- The first of a set that is due, and since when.
local function first_of(set, now, stamp)
  local id = first_due(set, stamp)
  while id do
    local at = redis.call('ZSCORE', K.due, id)
    if at and tonumber(at) <= now then return id, tonumber(at) end
    -- `due` knows better: the entry follows it
    if at then redis.call('ZADD', set, at, id) else redis.call('ZREM', set, id) end
    id = first_due(set, stamp)
  end
end

-- The first of the first set that has one; where it goes `by_time`, of all sets what is due for longest.
local function first_of_all(sets, now, stamp, by_time)
  local best, since
  for _, set in ipairs(sets) do
    local id, at = first_of(set, now, stamp)
    if id and not by_time then return id end
    if id and (not best or at < since) then best, since = id, at end
  end
  return best
end

-- While runs of several accounts are unfinished, each account has its turn, and so have events:
-- what waits for one portal must not wait for the backlog of another.
local function next_in_turn(now, stamp)
  local accounts = K.due_accounts
  redis.call('ZADD', accounts, 'NX', 0, EVENTS, 0, DEFAULT)
  local turn = redis.call('INCR', K.turns)
  for _, account in ipairs(redis.call('ZRANGE', accounts, 0, -1)) do
    local own = account ~= EVENTS and account ~= DEFAULT
    local sets = account == EVENTS and {K.due_event} or sets_of(account)
    -- each counts its own: of a common count the tenth could always fall to the same account
    local choice = tonumber(redis.call('HGET', K.account_turns, account) or 0) + 1
    local id = first_of_all(sets, now, stamp, choice % 10 == 0)
    if id then
      if redis.call('EXISTS', accounts) == 1 then
        redis.call('ZADD', accounts, 'XX', turn, account)
        redis.call('HSET', K.account_turns, account, choice)
      end
      return id
    end
    if own and redis.call('EXISTS', unpack(sets)) == 0 then
      redis.call('ZREM', accounts, account)
      redis.call('HDEL', K.account_turns, account)
      if redis.call('ZCARD', accounts) <= 2 then redis.call('DEL', accounts, K.account_turns) end
    end
  end
end

-- What is to be done next of all that is due: high before normal before low, and within each what is
-- due for longest. Events go before normal runs, since an urgent run may come of them. Each tenth
-- choice goes by time alone, so that low work is only slowed down. Of several accounts each has its turn.
local function next_due(now)
  local stamp = string.format('%.0f', now)
  local oldest = first_due(K.due, stamp)
  if not oldest then return nil end
  if redis.call('EXISTS', K.due_accounts) == 1 then return next_in_turn(now, stamp) or oldest end
  if redis.call('EXISTS', K.prioritised, K.due_high, K.due_low) == 0 then return oldest end
  if redis.call('INCR', K.turns) % 10 == 0 then return oldest end
  return first_of_all(CLASSES, now, stamp) or oldest
end

-- One line in the history of holds.
local function tell_of_hold(what, destination, by, why)
  redis.call('LPUSH', K.hold_history, cjson.encode({
    at = string.format('%.0f', now_ms()), what = what, destination = destination, by = by, why = why,
  }))
  redis.call('LTRIM', K.hold_history, 0, 99)
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
