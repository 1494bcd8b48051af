/**
 * The time that leases are based on, in Lua. Redis has only the time of day, which can be set, and is another machine's after a
 * failover. So a time is kept beside the leases that never goes back. Each call advances it by the time since the last call, up to a
 * bound, so that neither a clock that is set an hour forward nor a pause of Redis ends a lease. In milliseconds; begins with the time
 * of day.
 *
 * `advance(key, most)` advances it by at most `most` and returns it. `reached(key)` returns the time without a bound and changes
 * nothing: if no node has called `advance` for long, no node lives.
 */
export const NODE_TIME = `
local function wall()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function passed(key)
  local day, kept = wall(), redis.call('HMGET', key, 'now', 'wall')
  return day, tonumber(kept[1] or day), math.max(0, day - tonumber(kept[2] or day))
end
local function advance(key, most)
  local day, now, by = passed(key)
  now = now + math.min(by, most)
  redis.call('HSET', key, 'now', string.format('%d', now), 'wall', string.format('%d', day))
  return now
end
local function reached(key)
  local _, now, by = passed(key)
  return now + by
end`

/** The key of this time, among those of the nodes. */
export const NODE_CLOCK = 'clock'
