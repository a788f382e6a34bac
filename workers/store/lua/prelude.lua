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

-- "When must someone look again": the only writers of `due` besides ZREM.
local function look_again(id, at)
  redis.call('ZADD', K.due, string.format('%.0f', at), id)
end

local function owns(id, token)
  return redis.call('HGET', key_of(id), 'claim') == token
end

-- Keeps true: accepted = pending + dead + ignored + finished, per source. Every change of an event
-- or of one of its runs ends here, in the same atomic step.
local function settle(event)
  local f = redis.call('HMGET', K.event .. event, 'state', 'source', 'dispatched_at', 'open', 'dead', 'total', 'failed')
  if not f[2] then return end
  local state
  if f[7] == '1' then state = 'dead'
  elseif not f[3] or f[3] == '' or tonumber(f[4]) > 0 then state = 'pending'
  elseif tonumber(f[5]) > 0 then state = 'dead'
  elseif tonumber(f[6]) == 0 then state = 'ignored'
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
