using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>
/// Compares an answer with the approved one in a file. Ids and dates are masked, and ids are numbered, so that the same id
/// stays recognisable. With PCIBUS_APPROVE=1 what came becomes what is approved.
/// </summary>
internal static partial class ApprovedJson
{
    public static void Match(string name, JToken answer, [CallerFilePath] string callerPath = "")
    {
        var folder = Path.Combine(Path.GetDirectoryName(callerPath)!, "Approved");
        var approvedPath = Path.Combine(folder, $"{name}.approved.json");
        var receivedPath = Path.Combine(folder, $"{name}.received.json");
        var received = Mask(answer.ToString()) + "\n";
        if (Environment.GetEnvironmentVariable("PCIBUS_APPROVE") == "1")
        {
            File.WriteAllText(approvedPath, received);
            return;
        }

        var approved = File.Exists(approvedPath) ? File.ReadAllText(approvedPath) : "";
        if (approved == received)
        {
            File.Delete(receivedPath);
            return;
        }

        File.WriteAllText(receivedPath, received);
        Assert.Fail($"{name} is not as approved; PCIBUS_APPROVE=1 approves it.\n{Difference(approved, received)}");
    }

    private static string Mask(string json)
    {
        var numbers = new Dictionary<string, int>();
        json = Uuid().Replace(json, match =>
        {
            if (!numbers.TryGetValue(match.Value, out var number)) numbers[match.Value] = number = numbers.Count + 1;
            return $"<uuid {number}>";
        });
        return Date().Replace(json, "<date>").ReplaceLineEndings("\n");
    }

    private static string Difference(string approved, string received)
    {
        var before = approved.Split('\n');
        var now = received.Split('\n');
        var first = before.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"From line {first + 1}:\n- {string.Join("\n- ", before.Skip(first).Take(8))}\n+ {string.Join("\n+ ", now.Skip(first).Take(8))}";
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+0000")]
    private static partial Regex Date();
}
