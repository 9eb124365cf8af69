using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PciBus.Contracts.Connection;

/// <summary>Whom this side of a TLS connection trusts, and what certificate it shows.</summary>
public sealed class TlsSettings
{
    /// <summary>What a file of certificates or keys is; for the message about a value that is no such file.</summary>
    public const string FileForm = "a PEM file";

    /// <summary>The authorities of this machine, and no certificate.</summary>
    public static readonly TlsSettings OfTheMachine = new(null, null, []);

    /// <summary>What a server's certificate must be good for, when it says what it is good for.</summary>
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly X509Certificate2Collection? _authorities;

    private TlsSettings(X509Certificate2Collection? authorities, X509Certificate2? certificate, X509Certificate2Collection chain) =>
        (_authorities, Certificate, Chain) = (authorities, certificate, chain);

    /// <summary>The certificate of this side, which a server shows, and a client is asked for; null = none.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>The certificates that lead from it to an authority: the others of its file.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>The authorities as PEM text, whatever else their file holds; null = those of this machine.</summary>
    public string? AuthoritiesText => _authorities is null ? null : _authorities.ExportCertificatePems() + "\n";

    /// <param name="authorities">PEM file of the authorities that alone are trusted; null = those of this machine.</param>
    /// <param name="certificate">PEM file of the own certificate, followed by those that lead to an authority; null = none.</param>
    /// <param name="key">PEM file of its key; null = it is in the certificate's file.</param>
    /// <exception cref="IOException">A file cannot be read, or does not hold what it should; the message names it.</exception>
    public static TlsSettings Read(string? authorities, string? certificate, string? key)
    {
        if (authorities is null && certificate is null) return OfTheMachine;
        return new TlsSettings(
            authorities is null ? null : Open(authorities, ReadAll),
            certificate is null ? null : Open(certificate, file => X509Certificate2.CreateFromPemFile(file, key)),
            certificate is null ? [] : [.. Open(certificate, ReadAll).Skip(1)]);
    }

    /// <summary>Whether the other side's certificate is trusted; its name was looked at already.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_authorities is null || certificate is null) return errors == SslPolicyErrors.None;
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using var own = new X509Chain
        {
            ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        own.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // The certificates that the other side sent, and those that this machine found besides.
        if (chain is not null) own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        using var theirs = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(theirs);
    }

    private static X509Certificate2Collection ReadAll(string file)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(file);
        return all.Count > 0 ? all : throw new CryptographicException("it holds no certificate");
    }

    private static T Open<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new IOException($"{file}: {exception.Message}", exception);
        }
    }
}
