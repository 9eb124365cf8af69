using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PciBus.Contracts;

/// <summary>Whom a TLS connection trusts, and what it shows of the one who connects.</summary>
public sealed class TlsSettings
{
    /// <summary>The authorities of this machine, and no certificate of one's own.</summary>
    public static readonly TlsSettings OfTheMachine = new(null, null);

    private readonly X509Certificate2Collection? _authorities;

    private TlsSettings(X509Certificate2Collection? authorities, X509Certificate2? certificate) =>
        (_authorities, Certificate) = (authorities, certificate);

    /// <summary>What the other side may ask for; null = none.</summary>
    public X509Certificate2? Certificate { get; }

    /// <param name="authorities">PEM file of the authorities that alone are trusted; null = those of this machine.</param>
    /// <param name="certificate">PEM file of one's own certificate; null = none.</param>
    /// <param name="key">PEM file of its key; null = it is in the certificate's file.</param>
    /// <exception cref="IOException">A file cannot be read, or does not hold what it should; the message names it.</exception>
    public static TlsSettings Read(string? authorities, string? certificate, string? key)
    {
        if (authorities is null && certificate is null) return OfTheMachine;
        return new TlsSettings(
            authorities is null ? null : Open(authorities, file =>
            {
                var all = new X509Certificate2Collection();
                all.ImportFromPemFile(file);
                return all.Count > 0 ? all : throw new CryptographicException("it holds no certificate");
            }),
            certificate is null ? null : ReadCertificate(certificate, key));
    }

    /// <summary>A certificate with its key.</summary>
    /// <param name="key">PEM file of the key; null = it is in the certificate's file.</param>
    /// <exception cref="IOException">A file cannot be read, or does not hold what it should; the message names it.</exception>
    public static X509Certificate2 ReadCertificate(string certificate, string? key) =>
        Open(certificate, file => X509Certificate2.CreateFromPemFile(file, key));

    /// <summary>Whether the other side is who it should be; its name was looked at already.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_authorities is null || certificate is null) return errors == SslPolicyErrors.None;
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using var own = new X509Chain
        {
            ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>()) own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var theirs = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(theirs);
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
