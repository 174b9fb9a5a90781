INSERT INTO employers_worksite
    (id, employer_id, name, street, city, state, postal_code, phone, is_active)
SELECT gen_random_uuid(), %(employer)s, 'Depot ' || n, '', 'Dallas', 'TX', '75201', '', true
FROM generate_series(1, 20) AS n;
INSERT INTO people_employee
    (id, employer_id, worksite_id, employee_number, first_name, last_name, date_of_birth, phone,
     email, job_title, language, is_dot_driver, is_active, name_key, name_key_reversed)
SELECT gen_random_uuid(), %(employer)s, %(worksite)s, 'E' || n, given, family,
       date '1960-01-01' + (n %% 14000)::int, '', '', '', 'en', false, true,
       lower(given || ' ' || family), lower(family || ' ' || given)
FROM generate_series(1, %(employees)s) AS n,
     LATERAL (SELECT
        (ARRAY['Maria', 'James', 'Wei', 'Aisha', 'Marcus', 'Elena', 'Tom', 'Nia', 'Luis', 'Ruth',
               'Omar', 'Grace', 'Ivan', 'Hana', 'Paul', 'Dana', 'Igor', 'Lena', 'Sam', 'Zoe'])
            [1 + n %% 20] AS given,
        (ARRAY['Garcia', 'Smith', 'Chen', 'Khan', 'Brown', 'Petrova', 'Nguyen', 'Okafor', 'Lopez',
               'Garner', 'Silva', 'Young', 'Novak', 'Tanaka', 'Reed', 'Cole', 'Orlov', 'Weber',
               'Hall', 'Diaz', 'Moreau', 'Rossi', 'Haddad'])
            [1 + n / 20 %% 23] || repeat('son', n / 460 %% 3) || n / 1380 AS family) AS names;
INSERT INTO authorizations_authorization
    (id, employer_id, number, state, state_since, worksite_id, employee_id, modality, center_id,
     kind, reason, body_part, what_happened, claim_number, insurer, billing_note, center_note,
     valid_from, expires, created_at, created_by_id, submission, revision)
SELECT uuidv7(- n * interval '700 days' / %(span)s), %(employer)s, 'CW-' || %(prefix)s || n,
       CASE WHEN n > %(orders)s * 0.02 THEN
           (ARRAY['completed', 'completed', 'completed', 'completed', 'completed', 'completed',
                  'completed', 'cancelled', 'expired', 'no_show', 'refused'])[1 + n %% 11]
       ELSE (ARRAY['submitted', 'delivered', 'accepted', 'checked_in'])[1 + n %% 4] END,
       now(), worksite.id, person.id, 'in_center', center.id,
       CASE WHEN n %% 5 = 0 THEN 'injury' ELSE 'non_injury' END, 'random', '', '', '', '', '', '',
       (now() - n * interval '700 days' / %(span)s)::date,
       (now() - n * interval '700 days' / %(span)s)::date + 30,
       now() - n * interval '700 days' / %(span)s, creator.id, gen_random_uuid(), 0
FROM generate_series(1, %(orders)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM people_employee
      WHERE employer_id = %(employer)s) AS person ON person.place = 1 + n * 7 %% %(employees)s
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM employers_worksite
      WHERE employer_id = %(employer)s) AS worksite ON worksite.place = 1 + n * 3 %% 21
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM centers_medicalcenter) AS center
    ON center.place = 1 + n * 5 %% %(centers)s
JOIN (SELECT user_id AS id, row_number() OVER (ORDER BY user_id) AS place FROM accounts_portalaccess
      WHERE employer_id = %(employer)s) AS creator ON creator.place = 1 + n %% %(creators)s;
INSERT INTO authorizations_authorizedservice (id, employer_id, authorization_id, service_id)
SELECT gen_random_uuid(), %(employer)s, ordered.id, service.id
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM authorizations_authorization
      WHERE employer_id = %(employer)s) AS ordered,
     (SELECT id, row_number() OVER (ORDER BY id) AS place FROM centers_service) AS service
WHERE service.place IN (1 + n %% %(services)s, 1 + (n * 7 + 3) %% 5)
