package org.zeoraid.zeo.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;

/**
 * A storage of a ZEO server as a member, kind {@code zeoclient}.
 *
 * @param addresses where the server may be reached, tried in this order
 * @param storage the storage's name at the server
 * @param blobs a folder for blobs that were read
 * @param patience how long connecting may take
 * @param loops where connections live; the caller's, who also ends them
 */
public record ZeoMember(
        String name,
        List<SocketAddress> addresses,
        String storage,
        Path blobs,
        Duration patience,
        boolean isWriteMostly,
        EventLoopGroup loops)
        implements MemberSource {

    private static final int MAX_MESSAGE = 1 << 30;

    @Override
    public String kind() {
        return "zeoclient";
    }

    @Override
    public String location() {
        return addresses.stream().map(ZeoMember::shown).collect(Collectors.joining(" ")) + " " + storage;
    }

    private static String shown(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getHostString() + ":" + inet.getPort()
                : address.toString();
    }

    @Override
    public Optional<Path> folder() {
        return Optional.empty();
    }

    @Override
    public CompletionStage<TransactionLog> open() {
        return open(0);
    }

    private CompletionStage<TransactionLog> open(int index) {
        SocketAddress address = addresses.get(index);
        CompletionStage<TransactionLog> opened = connect(address);
        if (index + 1 == addresses.size()) {
            return opened;
        }
        return opened.handle((log, failure) -> failure == null
                        ? CompletableFuture.completedFuture(log)
                        : open(index + 1).toCompletableFuture())
                .thenCompose(next -> next);
    }

    private CompletionStage<TransactionLog> connect(SocketAddress address) {
        ZeoLog log = new ZeoLog(shown(address), new BlobCache(blobs));
        ServerChannel channel = new ServerChannel(shown(address), log);
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        opened.pipeline()
                                .addLast(new LengthFieldBasedFrameDecoder(MAX_MESSAGE, 0, 4, 0, 4))
                                .addLast(new LengthFieldPrepender(4))
                                .addLast(channel);
                    }
                });
        if (address instanceof UnixDomainSocketAddress) {
            bootstrap.channelFactory(() -> new NioDomainSocketChannel());
        } else {
            bootstrap.channel(NioSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
        }
        bootstrap.connect(address).addListener(connected -> {
            if (!connected.isSuccess()) {
                channel.ready()
                        .completeExceptionally(new StorageUnavailableException(
                                "cannot connect to " + shown(address) + ": "
                                        + connected.cause().getMessage(),
                                connected.cause()));
            }
        });
        return ZeoLog.translate(channel.ready().thenCompose(ready -> log.register(ready, storage)));
    }
}
