package health

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// errEnding ends a watch: one that stayed would keep the process from ending.
var errEnding = status.Error(codes.Unavailable, "the process is about to end")

// Watch is the RPC by which callers learn which replicas to call: it tells at first
// and at each change whether this one takes calls, within a second.
func (r *Readiness) Watch(request *healthv1.HealthCheckRequest, stream grpc.ServerStreamingServer[healthv1.HealthCheckResponse]) error {
	if request.GetService() != "" {
		return status.Error(codes.NotFound, "there is one health, of the whole process")
	}
	ticker := time.NewTicker(keep)
	defer ticker.Stop()
	told := healthv1.HealthCheckResponse_UNKNOWN
	for {
		if now := r.serving(stream); now != told {
			if err := stream.Send(&healthv1.HealthCheckResponse{Status: now}); err != nil {
				return err
			}
			told = now
		}
		if r.leaving() {
			return errEnding
		}
		select {
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		case <-r.left: // once more, to say so
		case <-ticker.C:
		}
	}
}

func (r *Readiness) serving(stream grpc.ServerStream) healthv1.HealthCheckResponse_ServingStatus {
	if r.Open(stream.Context()) != nil {
		return healthv1.HealthCheckResponse_NOT_SERVING
	}
	return healthv1.HealthCheckResponse_SERVING
}
