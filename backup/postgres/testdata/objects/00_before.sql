CREATE TABLE public.in_public (a int)

INSERT INTO public.in_public VALUES (1)

CREATE EXTENSION btree_gist

CREATE EXTENSION holdfast_test WITH SCHEMA public VERSION '1.0'

INSERT INTO public.ext_config VALUES ('mine', 2, false), ('shipped 3', 7, false)

INSERT INTO public.ext_refers (config) VALUES ('mine'), ('shipped 1')

GRANT SELECT ON public.ext_config TO guest

REVOKE ALL ON public.ext_inner FROM PUBLIC
