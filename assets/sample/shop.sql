-- The sample sandbox: a small shop.

CREATE EXTENSION IF NOT EXISTS plpgsql;

CREATE TYPE order_state AS ENUM ('new', 'paid', 'shipped', 'returned');

CREATE TABLE customers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    email      text NOT NULL UNIQUE,
    joined     date NOT NULL
);

CREATE TABLE orders (
    id          bigserial PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    state       order_state NOT NULL,
    placed      timestamptz NOT NULL,
    net         numeric(10, 2) NOT NULL,
    gross       numeric(10, 2) GENERATED ALWAYS AS (net * 1.19) STORED
);
CREATE INDEX orders_by_customer ON orders (customer_id, placed);

CREATE TABLE events (
    id      uuid PRIMARY KEY,
    at      timestamptz NOT NULL,
    payload jsonb NOT NULL
);

CREATE TABLE pictures (
    customer_id bigint PRIMARY KEY REFERENCES customers,
    thumbnail   bytea NOT NULL,
    original    oid NOT NULL
);

CREATE MATERIALIZED VIEW revenue AS
    SELECT date_trunc('month', placed) AS month, count(*) AS orders, sum(gross) AS gross
    FROM orders GROUP BY 1;

INSERT INTO customers (name, email, joined)
SELECT 'Customer ' || n, 'customer' || n || '@example.org', date '2024-01-01' + n % 700
FROM generate_series(1, 2000) AS n;

INSERT INTO orders (customer_id, state, placed, net)
SELECT 1 + n * 7 % 2000, (enum_range(NULL::order_state))[1 + n % 4],
       timestamptz '2024-01-01 00:00:00+00' + n * interval '19 minutes', (n * 37 % 90000) / 100.0
FROM generate_series(1, 40000) AS n;

INSERT INTO events
SELECT md5('event ' || n)::uuid, timestamptz '2025-06-01 00:00:00+00' + n * interval '41 seconds',
       jsonb_build_object('kind', (ARRAY['view', 'cart', 'pay'])[1 + n % 3], 'item', n % 500, 'tags', jsonb_build_array(n % 7, n % 11))
FROM generate_series(1, 20000) AS n;

INSERT INTO pictures
SELECT n, decode(repeat(md5('thumbnail ' || n), 20), 'hex'),
       lo_from_bytea(0, decode(repeat(md5('original ' || n), 500), 'hex'))
FROM generate_series(1, 40) AS n;

REFRESH MATERIALIZED VIEW revenue;
