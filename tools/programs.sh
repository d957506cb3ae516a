# Where the programs are that the tests run against. To be read by other scripts.
# Each function prints a path, or fails.

find_program() { command -v "$1"; }

# Debian keeps servers in a folder that not every PATH has.
find_server() { PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1"; }

find_compiler() { command -v "${CC:-gcc}" || command -v cc; }

find_headers() {
	echo '#include <stdlib.h>' | "$(find_compiler)" -E - >/dev/null 2>&1
}

# The folder with initdb and pg_ctl: Debian keeps it out of PATH, one per
# version. The newest counts.
find_postgres() {
	local found
	if found=$(command -v pg_ctl) && command -v initdb >/dev/null; then
		dirname "$(readlink -f "$found")"
		return
	fi
	found=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)
	[ -n "$found" ] && dirname "$found"
}

# ldconfig is out of PATH for many users.
find_libcrypto() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -m 1 -o '/.*/libcrypto\.so\.3$'; }

# A client, and an engine: one that answers, or one that can be started.
find_engine() {
	command -v docker && { docker version >/dev/null 2>&1 || command -v dockerd; }
}

# Node 20.18.1 or newer: what the outside clients' HTTP library asks for.
find_node() {
	command -v node &&
		node -e 'const [a, b, c] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && (b > 18 || (b === 18 && c >= 1))) ? 0 : 1)'
}

find_chromium() {
	local name
	for name in "${STRONGROOM_TEST_CHROMIUM:-chromium}" chromium chromium-browser google-chrome; do
		if command -v "$name"; then
			return
		fi
	done
	return 1
}
