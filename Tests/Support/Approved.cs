using Xunit;

namespace PciBus.Tests.Support;

/// <summary>Compares text with a file of the repository; <c>PCIBUS_APPROVE=1</c> rewrites the file instead.</summary>
internal static class Approved
{
    public static void Check(string path, string text)
    {
        if (Checkout.Approves)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return;
        }

        var name = Path.GetRelativePath(Checkout.Root, path);
        var approved = File.Exists(path) ? File.ReadAllText(path) : "";
        if (approved == text) return;
        Assert.Fail($"{name} is {(approved.Length == 0 ? "missing" : "different")}; look at it, then PCIBUS_APPROVE=1 rewrites it:\n{Diff(approved, text)}");
    }

    /// <summary>Lines that only one of them has, in order.</summary>
    private static string Diff(string before, string after)
    {
        var old = before.Split('\n');
        var now = after.Split('\n');
        var removed = old.Except(now).Select(line => $"- {line}");
        var added = now.Except(old).Select(line => $"+ {line}");
        var lines = removed.Concat(added).Take(60).ToList();
        return lines.Count > 0 ? string.Join('\n', lines) : "the same lines in another order or number";
    }
}
