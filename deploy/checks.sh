# What test.sh holds against a composition that is up. To be read by it: it has say,
# $work with the client's folder and the program sandbox, and the name of the project.

# one SERVICE: a container of it that runs, or for init has ended.
one() { deploy/compose.sh ps --all --quiet "$1" | sed -n 1p; }

# must "what" COMMAND...: it succeeds; what it says is shown where it does not.
must() {
	local what=$1 said
	shift
	if ! said=$("$@" 2>&1); then
		printf 'NOT SO: %s\n  %s\n%s\n' "$what" "$*" "$said" >&2
		return 1
	fi
	printf '  %s\n' "$what"
}

# refused "what" PATTERN COMMAND...: it fails, and says so in these words.
refused() {
	local what=$1 text=$2 said
	shift 2
	if said=$("$@" 2>&1) || [[ ! $said =~ $text ]]; then
		printf 'NOT SO: %s\n  it should fail with: %s\n%s\n' "$what" "$text" "$said" >&2
		return 1
	fi
	printf '  %s\n' "$what"
}

# everything_healthy: every container that runs says that it is well, and those that
# ended did so with success.
everything_healthy() {
	local line bad=0
	while read -r line; do
		case $line in
		*'(healthy)'* | *'Exited (0)'*) ;;
		*) echo "NOT SO: well: $line" >&2; bad=1 ;;
		esac
	done < <(docker ps --all --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --format '{{.Names}} {{.Status}}')
	[ "$bad" -eq 0 ] && echo "  every container is healthy, or ended well"
}

# flow BINDING: the demo client walks; what it did is shown where it fails.
flow() {
	if ! "$work/sandbox" flow --dir "$work/client" --wait 1m --binding "$1" >"$work/flow.log" 2>&1; then
		cat "$work/flow.log" >&2
		return 1
	fi
	echo "  $(grep -c '✓' "$work/flow.log") checks of a flow bound by $1"
}

# operates PART: an operator looks at the clients from the host and suspends one; a
# reader may not. PART has the port, and the tool in the image does as well from there.
operates() {
	local listed client
	listed=$(strongroomctl --json clients)
	client=$(sed -n 's/.*"client_id": *"\([^"]*\)".*/\1/p' <<<"$listed" | sed -n 1p)
	[ -n "$client" ] || { printf 'NOT SO: an operator sees the clients\n%s\n' "$listed" >&2; return 1; }
	must "an operator suspends a client" strongroomctl suspend "$client"
	must "an operator resumes it" strongroomctl resume "$client"
	refused "a reader suspends nothing" 'takes the role operator' strongroomctl --as reader suspend "$client"
	must "the image has the tool" docker run --rm --network "container:$(one "$1")" --read-only --cap-drop ALL --user "$(id -u):$(id -g)" \
		--volume "$work/client:/client:ro" "$STRONGROOM_IMAGE" /strongroomctl --dir /client --issuer fapi2 show "$client"
}

strongroomctl() { "$work/strongroomctl" --dir "$work/client" --issuer fapi2 "$@"; }

# bounded: each part knows its container's limit. What it logged is read to its end:
# a pipe into a reader that stops at its match fails now and then, by SIGPIPE.
bounded() {
	local service said
	for service in keys clientreg par authorize token gateway; do
		said=$(docker logs "$(one "$service")" 2>&1)
		[[ $said == *'memory is bounded'* ]] || { echo "NOT SO: $service knows its container's limit of memory" >&2; return 1; }
	done
	echo "  every part knows its container's limit of memory"
}

# secrets: what init made, for those who must be shown to be refused.
secrets() {
	rm -rf "$work/parts"
	docker cp --quiet "$(one init):/state/parts" "$work/parts"
}

# password FILE: that in a URL.
password() { sed 's|.*://[^:]*:\([^@]*\)@.*|\1|' "$work/parts/$1"; }

redis_as() { # redis_as USER PASSWORD COMMAND...
	local user=$1 password=$2
	shift 2
	docker exec --env REDISCLI_AUTH="$password" "$(one redis)" redis-cli -e --tls --cacert /state/parts/redis/ca.pem --user "$user" "$@"
}

# redis_refused_nobody: so far no service asked for what its user may not.
redis_refused_nobody() {
	local said
	said=$(redis_as operator "$(cat "$work/parts/redis-operator/redis-operator-password")" acl log) || { echo "$said" >&2; return 1; }
	if [ -n "${said//[[:space:]]/}" ]; then
		printf 'NOT SO: Redis refused a service:\n%s\n' "$said" >&2
		return 1
	fi
	echo "  Redis refused no service anything"
}

redis_limits() {
	local par clientreg redis
	par=$(password par/redis-url-par)
	clientreg=$(password clientreg/redis-url-clientreg)
	redis=$(one redis)
	must "par writes its own keys" redis_as par "$par" set par:{test} 1 px 1000
	refused "par does not read token's keys" NOPERM redis_as par "$par" get token:{birth}
	refused "par does not write clientreg's keys" NOPERM redis_as par "$par" set clientreg:{test} 1
	refused "par lists no keys" NOPERM redis_as par "$par" keys '*'
	refused "par empties nothing" NOPERM redis_as par "$par" flushall
	refused "par runs no script" NOPERM redis_as par "$par" eval 'return 1' 0
	refused "par changes no configuration" NOPERM redis_as par "$par" config set maxmemory-policy allkeys-lru
	must "clientreg runs a script on its keys" redis_as clientreg "$clientreg" eval 'return 1' 1 clientreg:{test}
	refused "its script reaches no other's keys" "can't access" redis_as clientreg "$clientreg" eval 'return redis.call("get", "token:{birth}")' 0
	refused "another's password is none" WRONGPASS redis_as token "$par" ping
	refused "without a password there is nothing" NOAUTH docker exec "$redis" redis-cli -e --tls --cacert /state/parts/redis/ca.pem get par:{test}
	refused "the user health reads nothing" NOPERM redis_as health none get par:{test}
	refused "Redis speaks by TLS alone" 'closed|reset' docker exec "$redis" redis-cli -e ping
}

sql_as() { # sql_as SSLMODE ROLE PASSWORD STATEMENT
	docker exec --env PGPASSWORD="$3" --env PGSSLMODE="$1" --env PGSSLROOTCERT=/state/parts/postgres/ca.pem "$(one postgres)" \
		psql --no-psqlrc --no-password --host=postgres --username="$2" --dbname=strongroom --command="$4"
}

sql_limits() {
	local token owner
	token=$(password token/sql-dsn-token)
	owner=$(password token-migrate/sql-dsn)
	must "token reads its own schema" sql_as verify-full token "$token" 'SELECT count(*) FROM token.token_authorization'
	refused "token does not read clientreg's schema" 'permission denied for schema clientreg' sql_as verify-full token "$token" 'SELECT * FROM clientreg.client'
	refused "nor does the owner of token's schema" 'permission denied for schema clientreg' sql_as verify-full token-owner "$owner" 'SELECT * FROM clientreg.client'
	must "token reads which migrations ran" sql_as verify-full token "$token" 'SELECT max(version_id) FROM token.goose_db_version'
	refused "token does not write which migrations ran" 'permission denied for table goose_db_version' sql_as verify-full token "$token" 'DELETE FROM token.goose_db_version'
	refused "token drops no table" 'must be owner' sql_as verify-full token "$token" 'DROP TABLE token.token_authorization'
	refused "token makes no table" 'permission denied' sql_as verify-full token "$token" 'CREATE TABLE token.x (id int)'
	refused "token makes no table elsewhere" 'permission denied' sql_as verify-full token "$token" 'CREATE TABLE public.x (id int)'
	refused "PostgreSQL speaks by TLS alone" 'no encryption' sql_as disable token "$token" 'SELECT 1'
	refused "the superuser does not come by network" 'no pg_hba.conf entry' sql_as verify-full strongroom "$(cat "$work/parts/postgres/postgres-password")" 'SELECT 1'
}

# restart SERVICE: a container that is restarted is healthy again.
restart() {
	local container
	container=$(one "$1")
	docker restart "$container" >/dev/null
	healthy_again "$1" "$container"
}

healthy_again() {
	local tries
	for ((tries = 0; tries < 90; tries++)); do
		if [ "$(docker inspect --format '{{.State.Health.Status}}' "$2")" = healthy ]; then
			echo "  $1 is healthy again"
			return
		fi
		sleep 0.5
	done
	echo "NOT SO: $1 is healthy again after 45 s" >&2
	return 1
}

# audit_holds: the trails, out of the containers' volumes, are whole, and there is one
# for each container of these services.
audit_holds() {
	local service container chains
	rm -rf "$work/audit"
	mkdir "$work/audit"
	for service in keys clientreg par authorize token gateway; do
		for container in $(deploy/compose.sh ps --all --quiet "$service"); do
			docker cp --quiet "$container:/audit/." "$work/audit"
		done
	done
	"$work/sandbox" audit verify --folder "$work/audit" >"$work/audit.log" 2>&1 || { cat "$work/audit.log" >&2; return 1; }
	for service in keys clientreg par authorize token gateway; do
		for container in $(deploy/compose.sh ps --all --quiet "$service"); do
			if ! compgen -G "$work/audit/$service.${container:0:12}.*.jsonl" >/dev/null; then
				echo "NOT SO: $service ${container:0:12} has an audit trail" >&2
				ls "$work/audit" >&2
				return 1
			fi
		done
	done
	chains=$(find "$work/audit" -name '*.jsonl' | wc -l)
	echo "  $chains audit trails hold"
}

# nothing_left: down took everything that up made.
nothing_left() {
	local kind left
	for kind in container volume network; do
		case $kind in
		container) left=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME") ;;
		*) left=$(docker "$kind" ls --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME") ;;
		esac
		if [ -n "$left" ]; then
			printf 'NOT SO: no %s is left:\n%s\n' "$kind" "$left" >&2
			return 1
		fi
	done
	echo "  no container, volume or network is left"
}

# keep_walking: flows, one after the other, until $work/stop is there. A flow may fail
# only because the suite said 503, or a gateway that was killed broke its connection;
# then it is walked again. $work/walked has a line for each.
keep_walking() {
	local binding=mtls
	while [ ! -e "$work/stop" ]; do
		if "$work/sandbox" flow --dir "$work/client" --binding $binding >"$work/walk.log" 2>&1; then
			echo ok
		elif grep -q '← 503' "$work/walk.log"; then
			echo "again: 503"
		elif grep -q 'EOF\|connection reset\|connection refused' "$work/walk.log"; then
			echo "again: connection"
		else
			echo failed
			cp "$work/walk.log" "$work/failed.log"
		fi >>"$work/walked"
		if [ $binding = mtls ]; then binding=dpop; else binding=mtls; fi
	done
}

# walked COUNT: so many more flows succeed, in a minute.
walked() {
	local until=$SECONDS before
	until=$((until + 60)) before=$(grep -c '^ok' "$work/walked" || true)
	while [ "$SECONDS" -lt "$until" ]; do
		if [ "$(grep -c '^ok' "$work/walked" || true)" -ge $((before + $1)) ]; then
			return
		fi
		sleep 0.2
	done
	echo "NOT SO: flows go on" >&2
	tail -n 5 "$work/walked" >&2
	tail -n 30 "$work/walk.log" >&2
	return 1
}

# kill_one SERVICE: one of its replicas is killed while flows go on, and comes back.
kill_one() {
	local container
	container=$(one "$1")
	docker kill "$container" >/dev/null
	walked 2
	docker start "$container" >/dev/null
	healthy_again "$1" "$container"
}

# gets_calls SERVICE CONTAINER SECONDS: a replica that was added issues tokens, as its
# audit trail tells, at most so long after it was.
gets_calls() {
	local tries
	for ((tries = 0; tries < 300; tries++)); do
		rm -rf "$work/added"
		docker cp --quiet "$2:/audit" "$work/added"
		if grep -qs '"token.issued"' "$work/added/$1.${2:0:12}".*.jsonl; then
			echo "  the replica of $1 that was added got its first calls within $((SECONDS - $3)) s"
			return
		fi
		if [ $((SECONDS - $3)) -gt 135 ]; then
			break
		fi
		sleep 1
	done
	echo "NOT SO: the replica of $1 that was added gets calls within 135 s" >&2
	return 1
}
