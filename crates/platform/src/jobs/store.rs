//! The SQL of jobs.

pub(super) const INSERT: &str = "insert into jobs (id, kind, unique_key, payload, status, \
    run_at, attempts, max_attempts, progress_done, progress_total, request, trace, created_at) \
    values ($1, $2, $3, $4, 'queued', $5, 0, $6, 0, 0, $7, $8, $9) \
    on conflict (kind, unique_key) do nothing";
pub(super) const BURY: &str = "insert into jobs (id, kind, unique_key, payload, status, run_at, \
    attempts, max_attempts, progress_done, progress_total, last_error, created_at) \
    values ($1, $2, $6, $3, 'dead', $4, 0, 0, 0, 0, $5, $4) \
    on conflict (kind, unique_key) do nothing";
/// What is due of one kind, in the order of its index: a backlog costs nothing to look past.
pub(super) const DUE: &str = "select id, kind, payload, status, run_at, attempts, max_attempts, \
    request, trace from jobs where kind = $3 and status = 'queued' and run_at <= $1 \
    order by run_at, id limit $2 for update skip locked";
/// Jobs whose worker died. Those that run are never more than all workers together can do.
pub(super) const LEFT: &str = "select id, kind, payload, status, run_at, attempts, \
    max_attempts, request, trace from jobs where status = 'running' and leased_until < $1 \
    order by leased_until limit $2 for update skip locked";
pub(super) const CLAIM: &str = "update jobs set status = 'running', attempts = attempts + 1, \
    leased_until = $2, lease = $3 where id = $1";
pub(super) const DONE: &str = "delete from jobs where id = $1 and lease = $2";
pub(super) const RETRY: &str = "update jobs set status = $3, run_at = $4, last_error = $5, \
    attempts = attempts - $6, leased_until = null, lease = null, \
    unique_key = case when $3 = 'dead' then null else unique_key end \
    where id = $1 and lease = $2";
pub(super) const RENEW: &str = "update jobs set leased_until = $3 where id = $1 and lease = $2";
pub(super) const EXTEND: &str = "update jobs set leased_until = $3, progress_done = $4, \
    progress_total = $5 where id = $1 and lease = $2";
pub(super) const OPEN: &str = "select count(*) as n from jobs where status <> 'dead'";
pub(super) const DEAD: &str = "select count(*) as n from jobs where status = 'dead'";
pub(super) const LIST_DEAD: &str = "select id, kind, payload, attempts, last_error, created_at \
    from jobs where status = 'dead' order by created_at, id limit 1000";
pub(super) const REVIVE: &str = "update jobs set status = 'queued', run_at = $2, attempts = 0, \
    max_attempts = $3 where id = $1 and status = 'dead' and kind <> 'bus.publish'";
pub(super) const LOST: &str = "update jobs set status = 'dead', lease = null, \
    leased_until = null, unique_key = null, \
    last_error = 'its process ended in the middle of every try' where id = $1";
