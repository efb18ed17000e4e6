/*
 * A provider of security labels that takes any label, for tests: PostgreSQL brings none that
 * works everywhere. It is compiled without PostgreSQL's headers, so it declares the little that
 * it needs. MAJOR is the server's version.
 */
typedef struct
{
	int class, object, part;
} Address;

extern void register_label_provider(const char *name, void (*check)(const Address *, const char *));

typedef struct
{
	int len;
	int version, args, keys, name, by_value;
#if MAJOR >= 15
	char extra[32];
#endif
#if MAJOR >= 18
	const char *module, *module_version;
#endif
} Magic;

const Magic *Pg_magic_func(void);

const Magic *Pg_magic_func(void)
{
	static const Magic magic = {
		.len = sizeof(Magic), .version = MAJOR * 100, .args = 100, .keys = 32, .name = 64, .by_value = 1,
#if MAJOR >= 15
		.extra = "PostgreSQL",
#endif
	};
	return &magic;
}

static void any(const Address *object, const char *label)
{
	(void) object;
	(void) label;
}

void _PG_init(void);

void _PG_init(void)
{
	register_label_provider("holdfast test", any);
}
