-- Shared by the scripts that let runs begin (placed after the prelude).

local function set_aside(id, rule, at, why)
  redis.call('HSET', K.run .. id, 'state', 'waiting', 'claim', '', 'ready', 0, 'parked', 1, 'reason', why)
  redis.call('HINCRBY', K.parked, rule, 1)
  look_again(id, at)
end

-- The time from which a run may begin under a limit of `runs` in `per` ms.
-- Keeps true: of any runs + 1 times in a row the last is at least `per` after the first; who came
-- first begins first.
local function turn_of(id, rule, runs, per, now)
  local key = K.limit .. rule
  local known = redis.call('ZSCORE', key, id)
  if known then return tonumber(known) end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - per))
  local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
  local before = redis.call('ZREVRANGE', key, runs - 1, runs - 1, 'WITHSCORES')
  local at = math.max(now, tonumber(last[2] or 0), tonumber(before[2] or -per) + per)
  redis.call('ZADD', key, string.format('%.0f', at), id)
  redis.call('PEXPIRE', key, string.format('%.0f', at - now + per))
  return at
end

-- What `once_per` and `limit` say of a run (the hash of it is there).
-- Keeps true: of one rule and key there is one run that was not skipped or cancelled; no more runs
-- begin than the limit allows. Asked again for the same run, the answer is the same.
-- asked: {once, within ms, runs, per ms, limit, told ms}, absent where not asked for. Gives "go",
-- "skipped" or "parked", until when and why; `told` gets the rule where its owner is to be told.
local function admit(id, rule, asked, now, told)
  if asked.once then
    local key = K.once .. rule .. ':' .. redis.sha1hex(asked.once)
    local holder = redis.call('GET', key)
    if holder and holder ~= id then
      return 'skipped', now, 'once_per: ' .. holder .. ' came first with the same key'
    end
    if not holder then
      redis.call('SET', key, id)
      if asked.within then redis.call('PEXPIRE', key, asked.within) end
    end
    redis.call('HSET', K.run .. id, 'once', key)
  end
  if asked.runs then
    local at = turn_of(id, rule, asked.runs, asked.per, now)
    if at > now then
      if redis.call('SET', K.parked_told .. rule, id, 'PX', asked.per, 'NX') then told[#told + 1] = rule end
      return 'parked', at, 'parked: the rule is limited to ' .. asked.limit
    end
  end
  return 'go', now, ''
end

-- Creates a run and says what became of it: "go", "skipped" or "parked".
-- Keeps true: what is not skipped counts as open; what is parked has its one entry in `due` (for what
-- may go at once the caller makes it).
local function create(id, event, fields, asked, now, told)
  local run, stamp = K.run .. id, string.format('%.0f', now)
  local written = {'id', id, 'event', event, 'created_at', stamp, 'state', 'ready', 'ready', 1,
    'claim', '', 'takeovers', 0, 'replays', 0}
  for name, value in pairs(fields) do
    written[#written + 1] = name
    written[#written + 1] = value
  end
  redis.call('HSET', run, unpack(written))
  redis.call('ZADD', K.runs, stamp, id)
  redis.call('HINCRBY', K.event .. event, 'total', 1)
  local what, at, why = admit(id, fields.rule, asked, now, told)
  if what == 'skipped' then
    redis.call('HSET', run, 'state', 'skipped', 'ready', 0, 'reason', why, 'finished_at', stamp)
    redis.call('HINCRBY', K.event .. event, 'skipped', 1)
    return what
  end
  redis.call('HINCRBY', K.event .. event, 'open', 1)
  if what == 'parked' then set_aside(id, fields.rule, at, why) end
  return what
end
