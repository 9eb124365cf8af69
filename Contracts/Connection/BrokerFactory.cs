using RabbitMQ.Client;

namespace PciBus.Contracts.Connection;

/// <summary>Makes connections with the broker that end when they are lost: a lost connection must not come back by itself.</summary>
public static class BrokerFactory
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For channels on which publishing ends when the broker has taken the message, and fails when the broker has not.</summary>
    public static CreateChannelOptions Confirmed => new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    /// <summary>For connections with one broker, which is given up after 5 s when it does not answer.</summary>
    /// <param name="heartbeat">A connection is dead when nothing came for two of them.</param>
    /// <param name="name">What the broker shows of the connection.</param>
    public static ConnectionFactory For(BusAddress address, TimeSpan heartbeat, string name) => new()
    {
        HostName = address.Host,
        Port = address.Port,
        VirtualHost = address.VirtualHost,
        UserName = address.User,
        Password = address.Password,
        Ssl = new SslOption(address.Host, enabled: address.IsTls)
        {
            CertificateValidationCallback = address.Tls.Accepts,
            Certs = address.Tls.Certificate is { } own ? [own] : null,
        },
        RequestedHeartbeat = heartbeat,
        RequestedConnectionTimeout = ConnectTimeout,
        ClientProvidedName = name,
        AutomaticRecoveryEnabled = false,
    };
}
