#!/bin/sh
# Makes a cluster of Redis nodes that run: each gets its share of the slots, and all
# get to know each other. It may run again: nodes that came back at other addresses
# find each other by it. It runs in the image of Redis.
#
#   redis-cluster.sh NODE...
set -eu
folder=/state/parts/redis-operator
REDISCLI_AUTH=$(cat "$folder/redis-operator-password")
export REDISCLI_AUTH

ask() { # ask NODE COMMAND...
	node=$1
	shift
	redis-cli -e --tls --cacert "$folder/ca.pem" -h "$node" --user operator "$@"
}

n=0
for node in "$@"; do
	case $(ask "$node" cluster info) in
	*cluster_slots_assigned:0*)
		ask "$node" cluster addslotsrange $((n * 16384 / $#)) $(((n + 1) * 16384 / $# - 1))
		ask "$node" cluster set-config-epoch $((n + 1))
		;;
	esac
	n=$((n + 1))
done

# CLUSTER MEET takes addresses alone.
for node in "$@"; do
	getent hosts "$node" | while read -r address _; do
		ask "$1" cluster meet "$address" 6379
	done
done

tries=0
for node in "$@"; do
	until case $(ask "$node" cluster info) in *cluster_state:ok*cluster_known_nodes:$#*) true ;; *) false ;; esac do
		tries=$((tries + 1))
		if [ "$tries" -gt 100 ]; then
			echo "$node does not agree with the others:" >&2
			ask "$node" cluster info >&2
			exit 1
		fi
		sleep 0.3
	done
done
ask "$1" cluster nodes
