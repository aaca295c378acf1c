package org.zeoraid.zeo.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The network between a client and a server, with what goes wrong in it. */
final class Wire implements AutoCloseable {

    /** In which direction bytes are counted. */
    enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    private volatile SocketAddress server;
    private final int piece;
    private final ServerSocket listening;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger toServer = new AtomicInteger();
    private final AtomicInteger toClient = new AtomicInteger();
    private volatile Direction cutIn = Direction.TO_SERVER;
    private volatile int cutAfter = Integer.MAX_VALUE;
    private volatile boolean silent;
    private volatile CountDownLatch serverHasEnded = new CountDownLatch(0);

    /** @param piece how many bytes are passed on at once */
    Wire(SocketAddress server, int piece) throws IOException {
        this.server = server;
        this.piece = piece;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("wire", this::accept);
    }

    SocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
    }

    /** The next connections end after so many bytes have passed. */
    void cut(Direction direction, int bytes) {
        toServer.set(0);
        toClient.set(0);
        cutIn = direction;
        cutAfter = bytes;
    }

    /** The next connections go to another server. */
    void redirect(SocketAddress other) {
        server = other;
    }

    int passed(Direction direction) {
        return (direction == Direction.TO_SERVER ? toServer : toClient).get();
    }

    /** From now on nothing gets through, and nobody is told. */
    void fallSilent() {
        silent = true;
    }

    /** Waits until the server has carried out all that reached it, and closed the last connection. */
    void awaitServer() throws InterruptedException {
        if (!serverHasEnded.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the server has not closed the connection");
        }
    }

    private void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket behind = new Socket();
                behind.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                behind.connect(server);
                sockets.add(client);
                sockets.add(behind);
                CountDownLatch ended = new CountDownLatch(1);
                serverHasEnded = ended;
                start("wire-to-server", () -> pass(client, behind, Direction.TO_SERVER, client, behind));
                start("wire-to-client", () -> {
                    pass(behind, client, Direction.TO_CLIENT, client, behind);
                    ended.countDown();
                });
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    private void pass(Socket from, Socket to, Direction direction, Socket client, Socket behind) {
        AtomicInteger passed = direction == Direction.TO_SERVER ? toServer : toClient;
        byte[] buffer = new byte[piece];
        boolean open = true;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count;
            while ((count = in.read(buffer)) >= 0) {
                int allowed = cutIn == direction ? Math.min(count, cutAfter - passed.get()) : count;
                if (open && !silent) {
                    try {
                        out.write(buffer, 0, Math.max(0, allowed));
                        passed.addAndGet(Math.max(0, allowed));
                    } catch (IOException gone) {
                        // What the server still says is read to its end all the same.
                        open = false;
                    }
                }
                if (allowed < count || cutIn == direction && passed.get() >= cutAfter) {
                    client.close();
                    behind.shutdownOutput();
                    open = false;
                }
            }
        } catch (IOException e) {
            // The other side was cut.
        } finally {
            end(direction, client, behind);
        }
    }

    private static void end(Direction direction, Socket client, Socket behind) {
        try {
            if (direction == Direction.TO_SERVER) {
                if (!behind.isOutputShutdown()) {
                    behind.shutdownOutput();
                }
            } else {
                client.close();
                behind.close();
            }
        } catch (IOException e) {
            // It is closed already.
        }
    }

    @Override
    public void close() throws Exception {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        for (Thread thread : threads) {
            thread.join(10_000);
        }
    }
}
