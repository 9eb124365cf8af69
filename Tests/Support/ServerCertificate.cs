using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PciBus.Tests.Support;

/// <summary>An authority of a test's own and a certificate of it for this machine, as PEM files.</summary>
/// <param name="Authority">The authority's certificate.</param>
/// <param name="File">The server's certificate.</param>
/// <param name="Key">Its key.</param>
internal sealed record ServerCertificate(string Authority, string File, string Key)
{
    public static ServerCertificate Make(string folder)
    {
        var (from, to) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=PciBus tests", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, to, [1, 2, 3]);

        var files = new ServerCertificate(Path.Combine(folder, "ca.pem"), Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        System.IO.File.WriteAllText(files.Authority, authority.ExportCertificatePem());
        System.IO.File.WriteAllText(files.File, certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
