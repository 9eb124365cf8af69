using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PciBus.Tests.Support;

/// <summary>An authority, one under it, and a certificate for localhost of the second, as PEM files.</summary>
/// <param name="Root">The authority that is trusted.</param>
/// <param name="File">The server's certificate, the authority between after it, and the server's key.</param>
internal sealed record CertificateChain(string Root, string File)
{
    private static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset To = From.AddYears(200);

    /// <param name="name">Distinguishes its files and authorities from others'.</param>
    /// <param name="usage">The OID that the certificate is good for; null = it does not say.</param>
    public static CertificateChain Make(string folder, string name, string? usage)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority($"CN=PciBus {name} root", rootKey).CreateSelfSigned(From, To);
        using var betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Authority($"CN=PciBus {name} between", betweenKey).Create(root, From, To, [1]);
        using var between = signed.CopyWithPrivateKey(betweenKey);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        if (usage is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using var certificate = request.Create(between, From, To, [2]);

        var files = new CertificateChain(Path.Combine(folder, $"{name}-root.pem"), Path.Combine(folder, $"{name}.pem"));
        System.IO.File.WriteAllText(files.Root, root.ExportCertificatePem());
        System.IO.File.WriteAllText(
            files.File, $"{certificate.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return files;
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
