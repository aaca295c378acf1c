package org.zeoraid.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** The floor of a load: a thread that answers as many bytes over a socket, as soon as it is asked and without looking. */
final class ZeoFloor implements Runnable, AutoCloseable {

    private static final int REQUEST = 60;

    private final ServerSocket listener;
    private final Socket client;
    private final byte[] reply;

    /** @param bytes of a record */
    ZeoFloor(int bytes) throws IOException {
        reply = new byte[REQUEST + bytes];
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        new Thread(this::serve, "floor").start();
        client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        client.setTcpNoDelay(true);
    }

    private void serve() {
        try (Socket socket = listener.accept()) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] request = new byte[REQUEST];
            while (in.readNBytes(request, 0, REQUEST) == REQUEST) {
                out.write(reply);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run() {
        try {
            client.getOutputStream().write(reply, 0, REQUEST);
            client.getInputStream().readNBytes(reply.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        listener.close();
    }
}
