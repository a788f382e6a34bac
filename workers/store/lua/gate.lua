-- Shared by the scripts of the gate (placed before them). ARGV[1] is the destination.
local TOKENS, FLYING = K.gate_tokens .. ARGV[1], K.gate_flying .. ARGV[1]
local LINE, ALIVE = K.gate_line .. ARGV[1], K.gate_alive .. ARGV[1]
local CLOSED = K.gate_closed .. ARGV[1]

local function stamp_of(ms) return string.format('%.0f', ms) end

-- Tells who stands first that its turn may have come, or comes earlier than it was told.
local function wake_first()
  local first = redis.call('ZRANGE', LINE, 0, 0)[1]
  if first then redis.call('PUBLISH', K.gate_wake .. first, '') end
end

-- Whether nobody's token is free again before that of this call.
local function is_next(call)
  return redis.call('ZRANGE', TOKENS, 0, 0)[1] == call
end

-- How many calls may be under way: as many as allowed, or where the workers have other destinations as
-- well, not so many that a destination which hangs leaves none of them free.
local function places_of(allowed, spare)
  if spare ~= '1' then return allowed end
  return math.min(allowed, math.max(1, redis.call('ZCARD', K.workers) - 1))
end
