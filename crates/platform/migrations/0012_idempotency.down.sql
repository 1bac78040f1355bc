drop index idempotency_created;
