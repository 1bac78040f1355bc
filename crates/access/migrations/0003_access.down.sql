drop table identity_login_failures;
drop table identity_keys;
drop table identity_sessions;
drop table identity_users;
