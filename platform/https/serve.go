package https

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
)

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 20 * time.Second
	idleTimeout       = 2 * time.Minute
	// maxHeader bounds the header of a request, in bytes, and maxHeaderLines in
	// lines; more is 431.
	maxHeader      = 32 << 10
	maxHeaderLines = 200
	// DefaultDrain is how long requests in progress may take to end: longer than
	// the gateway gives any.
	DefaultDrain = 10 * time.Second
	// DefaultConnections at one address: about 200 MiB where each is in use.
	DefaultConnections = 4096
)

// Listen opens every address, host:port, or none.
func Listen(addresses []string) ([]net.Listener, error) {
	open := make([]net.Listener, 0, len(addresses))
	for _, address := range addresses {
		l, err := net.Listen("tcp", address)
		if err != nil {
			for _, opened := range open {
				_ = opened.Close()
			}
			return nil, err
		}
		open = append(open, l)
	}
	return open, nil
}

// Server answers HTTP requests.
type Server struct {
	TLS     *tls.Config
	Handler http.Handler
	Log     *slog.Logger
	// Linger is how long requests are still taken in after the end was asked for,
	// each on a connection that ends with it, so that a load balancer sees in time
	// that this replica leaves. Default 0.
	Linger time.Duration
	// Drain is how long requests in progress may then take to end. Default
	// DefaultDrain.
	Drain time.Duration
	// MaxConnections are open at once at each address; more wait to be accepted.
	// Default DefaultConnections.
	MaxConnections int
}

// Serve answers requests on every listener until ctx ends, then lingers and
// drains.
func (s Server) Serve(ctx context.Context, listeners []net.Listener) error {
	server := &http.Server{
		Handler:           fewLines(s.Handler),
		TLSConfig:         s.TLS,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range listeners {
		group.Go(func() error {
			bounded := netutil.LimitListener(l, cmp.Or(s.MaxConnections, DefaultConnections))
			if err := server.ServeTLS(bounded, "", ""); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		return s.end(context.WithoutCancel(ctx), server)
	})
	return group.Wait()
}

// fewLines refuses a header of very many short lines, each of which would cost
// whoever reads them later more than its bytes say (BAD-194).
func fewLines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines := 0
		for _, values := range r.Header {
			lines += len(values)
		}
		if lines > maxHeaderLines {
			w.Header().Set("Connection", "close")
			http.Error(w, http.StatusText(http.StatusRequestHeaderFieldsTooLarge), http.StatusRequestHeaderFieldsTooLarge)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// end closes what is idle, tells clients with each answer to come back on another
// connection, and at last cuts off what does not end.
func (s Server) end(ctx context.Context, server *http.Server) error {
	server.SetKeepAlivesEnabled(false)
	time.Sleep(s.Linger)
	bounded, cancel := context.WithTimeout(ctx, cmp.Or(s.Drain, DefaultDrain))
	defer cancel()
	if server.Shutdown(bounded) != nil {
		s.Log.WarnContext(ctx, "requests did not end in time and are cut off", "drain", cmp.Or(s.Drain, DefaultDrain))
		return server.Close()
	}
	return nil
}
