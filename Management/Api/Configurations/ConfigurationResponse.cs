using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Configuration;

namespace PciBus.Management.Api.Configurations;

[ApiResponse("configuration")]
internal sealed class ConfigurationResponse
{
    [JsonProperty("name"), Description("the setting's name")]
    public required string Name { get; init; }

    [JsonProperty("value"), Description("its value; *** when there is one that is secret")]
    public required string Value { get; init; }

    [JsonProperty("defaultvalue"), Description("its value when nobody gives one")]
    public required string DefaultValue { get; init; }

    [JsonProperty("source"), Description(
        "where the value comes from: default, file with its line, environment with its variable, or command line")]
    public required string Source { get; init; }

    [JsonProperty("category"), Description("what it is about")]
    public SettingCategory Category { get; init; }

    [JsonProperty("description"), Description("what it says")]
    public required string Description { get; init; }

    [JsonProperty("type"), Description("String, Number or Decimal")]
    public required string Type { get; init; }

    [JsonProperty("allowed"), Description("the values it takes, with their unit")]
    public required string Allowed { get; init; }

    [JsonProperty("secret"), Description("whether its value is never shown")]
    public bool IsSecret { get; init; }

    [JsonProperty("scope"), Description("always Global")]
    public string Scope => "Global";

    [JsonProperty("isdynamic"), Description("always false: it counts from the next start of a server")]
    public bool IsDynamic => false;

    [JsonProperty("readonly"), Description("always true: it is changed in the file or the environment of each server")]
    public bool IsReadOnly => true;
}
