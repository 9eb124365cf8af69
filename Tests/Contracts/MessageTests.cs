using System.Text.Json;
using System.Text.Json.Nodes;
using PciBus.Contracts;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Contracts;

/// <summary>
/// The JSON of every message is approved, and what was approved reads: agents and management of neighbouring versions talk
/// to each other.
/// </summary>
public sealed class MessageTests
{
    /// <summary>As the bus writes, but with line breaks for whoever reads the approved files.</summary>
    private static readonly JsonSerializerOptions Bus = new(MassTransit.Serialization.SystemTextJsonMessageSerializer.Options) { WriteIndented = true, NewLine = "\n" };

    public static IEnumerable<TheoryDataRow<string>> Messages => MessageTypes.All.Select(type => new TheoryDataRow<string>(type.Name));

    [Theory]
    [MemberData(nameof(Messages))]
    public void Json_IsTheApprovedOne(string message) =>
        Approved.Check(FileOf(message), Write(ObjectFiller.Fill(MessageTypes.Named(message)), MessageTypes.Named(message)) + "\n");

    [Theory]
    [MemberData(nameof(Messages))]
    public void ApprovedJson_ReadsBackWhole(string message)
    {
        var type = MessageTypes.Named(message);
        Assert.Equal(Write(ObjectFiller.Fill(type), type), Write(Read(ApprovedJson(message), type), type));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_Reads_WithAFieldOfALaterVersion(string message)
    {
        var type = MessageTypes.Named(message);
        var json = ApprovedJson(message);
        foreach (var part in Objects(json)) part["aFieldOfTomorrow"] = new JsonObject { ["x"] = 1 };
        Assert.Equal(Write(ObjectFiller.Fill(type), type), Write(Read(json, type), type));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_Reads_WithoutAFieldOfAnEarlierVersion(string message)
    {
        var type = MessageTypes.Named(message);
        for (var part = 0; part < Objects(ApprovedJson(message)).Count; part++)
        {
            foreach (var (field, _) in Objects(ApprovedJson(message))[part])
            {
                var json = ApprovedJson(message);
                Objects(json)[part].Remove(field);
                Assert.NotNull(Read(json, type));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_SurvivesTheOutbox(string message)
    {
        var type = MessageTypes.Named(message);
        var filled = ObjectFiller.Fill(type);
        Assert.Equal(Write(filled, type), Write(JsonSerializer.Deserialize(JsonSerializer.Serialize(filled, type), type)!, type));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_HasANamespace(string message) => Assert.NotNull(MessageTypes.Named(message).Namespace);

    [Fact]
    public void CommandForAVm_HasAnAnswerOfItsName() => Assert.All(
        MessageTypes.All.Where(type => type.IsSubclassOf(typeof(VirtualMachineCommand))),
        type =>
        {
            var answer = type.Assembly.GetType($"{type.FullName![..^nameof(Command).Length]}{nameof(Answer)}");
            Assert.True(answer?.IsSubclassOf(typeof(VirtualMachineAnswer)), $"{type.Name} has no answer of its name");
        });

    [Fact]
    public void ApprovedFile_HasAMessage() => Assert.All(
        Directory.EnumerateFiles(Checkout.PathOf("Tests", "Contracts", "Approved"), "*.json"),
        path => Assert.Contains(Path.GetFileNameWithoutExtension(path), MessageTypes.All.Select(type => type.Name)));

    [Fact]
    public void MessageNames_AreUnique() => Assert.Distinct(MessageTypes.All.Select(type => type.Name));

    private static string FileOf(string message) => Checkout.PathOf("Tests", "Contracts", "Approved", $"{message}.json");

    private static JsonObject ApprovedJson(string message) => JsonNode.Parse(File.ReadAllText(FileOf(message)))!.AsObject();

    private static string Write(object message, Type type) => JsonSerializer.Serialize(message, type, Bus);

    private static object Read(JsonObject json, Type type) => json.Deserialize(type, Bus)!;

    /// <summary>The message and everything in it that has fields of its own.</summary>
    private static List<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject one => [one, .. one.Where(field => field.Key is not "hostDetails").SelectMany(field => Objects(field.Value))],
        JsonArray many => [.. many.SelectMany(Objects)],
        _ => [],
    };
}
