package gateway

import "github.com/strongroom-fapi/strongroom/platform/telemetry"

// kinds are the classes as telemetry names them.
var kinds = [unbounded]string{continues: "continuing", begins: "new"}

// tell shows what the gate lets in.
func (g *gate) tell(to *telemetry.Telemetry) {
	for of := continues; of < unbounded; of++ {
		g.waited[of] = to.WatchAdmission(kinds[of], func() telemetry.Admission { return g.admitted(of) })
	}
}

// admitted is what became of the calls of a class.
func (g *gate) admitted(of class) telemetry.Admission {
	g.mu.Lock()
	defer g.mu.Unlock()
	stats := g.stats[of]
	stats.Limit = int64(g.limit(of))
	return stats
}
