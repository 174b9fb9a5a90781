INSERT INTO people_employee
    (id, employer_id, worksite_id, employee_number, first_name, last_name, date_of_birth, phone,
     email, name_key, name_key_reversed, job_title, is_dot_driver, language, is_active)
SELECT gen_random_uuid(), %(employer)s, %(worksite)s, 'E' || n, given, family,
       date '1960-01-01' + n, '', '', lower(given || ' ' || family), lower(family || ' ' || given),
       '', false, 'en', true
FROM generate_series(1, %(employees)s) AS n,
     LATERAL (SELECT
        (ARRAY['Maria', 'James', 'Wei', 'Aisha', 'Marcus', 'Elena', 'Tom', 'Nia', 'Luis', 'Ruth',
               'Omar', 'Grace', 'Ivan', 'Hana', 'Paul', 'Dana', 'Igor', 'Lena', 'Sam', 'Zoe'])
            [1 + n %% 20] AS given,
        (ARRAY['Garcia', 'Smith', 'Chen', 'Khan', 'Brown', 'Petrova', 'Nguyen', 'Okafor', 'Lopez',
               'Garner', 'Silva', 'Young', 'Novak', 'Tanaka', 'Reed', 'Cole', 'Orlov', 'Weber',
               'Hall', 'Diaz', 'Moreau', 'Rossi', 'Haddad'])
            [1 + n / 20 %% 23] || repeat('son', n / 460 %% 3) AS family) AS names;
INSERT INTO results_report
    (id, employer_id, employee_id, center_id, report_type, kind, title, visit_date, posted_at,
     document, sha256, size, pages)
SELECT gen_random_uuid(), %(employer)s, person.id, center.id,
       CASE WHEN n %% 500 = 7 THEN 'fit_test' ELSE (ARRAY['mec_dot_card', 'audiogram',
           'injury_activity_status', 'test_and_lab_result'])[1 + n %% 4] END,
       CASE WHEN n %% 3 = 0 THEN 'injury' ELSE 'non_injury' END, 'MEC DOT card',
       (now() - n * interval '150 days' / %(reports)s)::date,
       now() - n * interval '150 days' / %(reports)s, 'none', sha256('none'), 50000, 1
FROM generate_series(1, %(reports)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM people_employee
      WHERE employer_id = %(employer)s) AS person ON place = 1 + n %% %(employees)s
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS at FROM centers_medicalcenter) AS center
    ON at = 1 + n %% 24
