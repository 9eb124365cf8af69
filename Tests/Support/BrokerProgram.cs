using System.Diagnostics;

namespace PciBus.Tests.Support;

/// <summary>
/// Programs of Debian's rabbitmq-server: those of this machine, or of another Debian's tree of files, which PCIBUS_TEST_BROKER_TREE
/// names (<c>Tests/Bus/rabbitmq</c> makes one), so that another version can be tried. In a tree a program sees this machine's
/// processes, network and temporary files.
/// </summary>
internal static class BrokerProgram
{
    /// <summary>The package's inner script: the one on the path changes the user and drops the settings.</summary>
    public const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    public const string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";
    public const string NameServer = "/usr/bin/epmd";

    /// <summary>The mounts are this process's and its children's alone, and end with them.</summary>
    private const string Enter = "for one in proc dev tmp; do mount --rbind /$one \"$0/$one\" || exit 1; done; exec chroot \"$0\" \"$@\"";

    /// <summary>Null = this machine's own.</summary>
    public static string? Tree { get; } = Environment.GetEnvironmentVariable("PCIBUS_TEST_BROKER_TREE") is { Length: > 0 } tree ? tree : null;

    public static bool IsThere => File.Exists(Tree + Server);

    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>How it is started, with its output redirected.</returns>
    public static ProcessStartInfo Start(string program, params string[] arguments) =>
        new(Tree is null ? program : "unshare", Tree is null ? arguments : ["--mount", "--propagation", "private", "sh", "-c", Enter, Tree, program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
}
