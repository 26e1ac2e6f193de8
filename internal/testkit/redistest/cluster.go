package redistest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// NodeTimeout is how long a node of a test's cluster may be silent until the
// others hold it for dead. Redis's own default is 15 s.
const NodeTimeout = 2 * time.Second

// settleTimeout is how long a cluster may take until all its nodes agree.
const settleTimeout = 30 * time.Second

// slots is how many slots a cluster has.
const slots = 16384

// Cluster is a Redis Cluster of real servers.
type Cluster struct {
	// Nodes are the servers, at first the masters and then the replicas.
	Nodes []*Server

	t       testing.TB
	clients []*redis.Client // one for each node
	masters int
	stopped []*Server
}

// StartCluster starts a cluster that has a master for each element of replicas,
// with that many replicas, waits until all nodes agree and ends it with the
// test. The slots are spread evenly over the masters. Replicas stay with their
// shard. The arguments go to every server.
func StartCluster(t testing.TB, replicas []int, args ...string) *Cluster {
	t.Helper()
	c := &Cluster{t: t, masters: len(replicas)}
	count := len(replicas)
	for _, n := range replicas {
		count += n
	}
	c.Nodes = make([]*Server, count)
	buses := make([]int, count)
	for i := range buses {
		buses[i] = FreePort(t)
	}
	for i := range count {
		c.Nodes[i] = &Server{t: t, dir: t.TempDir(), args: append([]string{
			"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(buses[i]),
			"--cluster-node-timeout", strconv.FormatInt(NodeTimeout.Milliseconds(), 10),
			"--cluster-allow-replica-migration", "no", "--repl-diskless-sync-delay", "0",
		}, args...)}
	}
	startAll(t, c.Nodes)
	for _, s := range c.Nodes {
		rdb := redis.NewClient(&redis.Options{Addr: s.Addr()})
		t.Cleanup(func() { rdb.Close() })
		c.clients = append(c.clients, rdb)
	}
	if err := c.form(t.Context(), replicas, buses); err != nil {
		t.Fatalf("redistest: make a cluster: %v", err)
	}
	return c
}

// form makes a cluster of nodes that run.
func (c *Cluster) form(ctx context.Context, replicas, buses []int) error {
	for i, rdb := range c.clients {
		// Masters of one epoch would have to settle first whose slots count.
		if err := rdb.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			return err
		}
		if i < c.masters {
			if err := rdb.ClusterAddSlotsRange(ctx, slots*i/c.masters, slots*(i+1)/c.masters-1).Err(); err != nil {
				return err
			}
		}
	}
	for i, rdb := range c.clients {
		for j, other := range c.Nodes[:i] {
			if err := rdb.Do(ctx, "CLUSTER", "MEET", "127.0.0.1", other.port, buses[j]).Err(); err != nil {
				return err
			}
		}
	}
	err := c.poll(ctx, "all nodes to know each other", func(i int) bool {
		info, err := c.clients[i].ClusterInfo(ctx).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok") &&
			strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r", len(c.Nodes)))
	})
	if err != nil {
		return err
	}
	next := c.masters
	for i, n := range replicas {
		id, err := c.clients[i].Do(ctx, "CLUSTER", "MYID").Text()
		if err != nil {
			return err
		}
		for range n {
			if err := c.clients[next].ClusterReplicate(ctx, id).Err(); err != nil {
				return err
			}
			next++
		}
	}
	return c.Settle(ctx)
}

// URL returns the cluster's address as a redis+cluster:// URL of three nodes.
func (c *Cluster) URL() string {
	var addrs []string
	for _, s := range c.Nodes[:3] {
		addrs = append(addrs, s.Addr())
	}
	return "redis+cluster://" + strings.Join(addrs, ",")
}

// Client returns a client of one node, past the cluster.
func (c *Cluster) Client(node int) *redis.Client { return c.clients[node] }

// Masters returns which nodes hold themselves for masters and how many replicas
// follow each.
func (c *Cluster) Masters(ctx context.Context) map[int]int {
	found := map[int]int{}
	for i, rdb := range c.clients {
		if info, err := rdb.InfoMap(ctx, "replication").Result(); err == nil && info["Replication"]["role"] == "master" {
			found[i] = strings.Count(fmt.Sprint(info["Replication"]), "state=online")
		}
	}
	return found
}

// CutOff stops the replicas of a master and takes their connections away, as a
// cut network does. What the master writes from then on they do not have.
func (c *Cluster) CutOff(ctx context.Context, master int) error {
	port := strconv.Itoa(c.Nodes[master].port)
	for i, rdb := range c.clients {
		info, err := rdb.InfoMap(ctx, "replication").Result()
		if err != nil {
			return fmt.Errorf("redistest: cut off replicas: %w", err)
		}
		if info["Replication"]["master_port"] != port {
			continue
		}
		if err := c.Nodes[i].signal(syscall.SIGSTOP); err != nil {
			return fmt.Errorf("redistest: stop a replica: %w", err)
		}
		c.stopped = append(c.stopped, c.Nodes[i])
	}
	if err := c.clients[master].ClientKillByFilter(ctx, "TYPE", "replica").Err(); err != nil {
		return fmt.Errorf("redistest: cut off replicas: %w", err)
	}
	return nil
}

// Resume lets the replicas go on that CutOff stopped.
func (c *Cluster) Resume() error {
	for _, s := range c.stopped {
		if err := s.signal(syscall.SIGCONT); err != nil {
			return fmt.Errorf("redistest: resume a replica: %w", err)
		}
	}
	c.stopped = nil
	return nil
}

// Settle waits until every node runs, is in its place, and knows it of the others.
func (c *Cluster) Settle(ctx context.Context) error {
	if err := c.poll(ctx, "the cluster to be well", func(i int) bool { return c.well(ctx, i) }); err != nil {
		return err
	}
	return c.poll(ctx, "all replicas to follow", func(int) bool {
		masters := c.Masters(ctx)
		following := 0
		for _, n := range masters {
			following += n
		}
		return len(masters) == c.masters && following == len(c.Nodes)-c.masters
	})
}

// well reports whether a node sees all others well, a replica its master, too.
func (c *Cluster) well(ctx context.Context, i int) bool {
	info, err := c.clients[i].ClusterInfo(ctx).Result()
	if err != nil || !strings.Contains(info, "cluster_state:ok") {
		return false
	}
	nodes, err := c.clients[i].ClusterNodes(ctx).Result()
	if err != nil || strings.Contains(nodes, "fail") || strings.Count(nodes, " slave ")+strings.Count(nodes, "myself,slave") != len(c.Nodes)-c.masters {
		return false
	}
	replication, err := c.clients[i].InfoMap(ctx, "replication").Result()
	own := replication["Replication"]
	return err == nil && (own["role"] == "master" || own["master_link_status"] == "up")
}

// poll waits until ok is true of every node.
func (c *Cluster) poll(ctx context.Context, what string, ok func(node int) bool) error {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for i := range c.Nodes {
		for !ok(i) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("redistest: waited in vain for %s", what)
			}
		}
	}
	return nil
}
