create index idempotency_created on idempotency (created_at);
