/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/schema.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct api_schema api_schemas[] = {
	{"Document", "{'type':'object','required':['openapi','info','paths']}"},
	{"Error",
	 "{'type':'object','required':['error'],'properties':{"
	 "'error':{'type':'string','description':'one sentence'},"
	 "'in':{'type':'string','description':'the attribute that it is about'},"
	 "'offset':{'type':'integer','description':'bytes into the text of that attribute'}},"
	 "'additionalProperties':false}"},
	{"Analyzer",
	 "{'type':'object','required':['version','collector','uptime','window','start','end',"
	 "'sFlowAgents','sFlowDatagramsReceived','sFlowBytesReceived','sFlowParseErrors',"
	 "'sFlowUnsupportedVersion','counters'],'properties':{"
	 "'version':{'type':'string'},"
	 "'collector':{'type':'string','description':'name of this collector'},"
	 "'uptime':{'type':'integer','description':'ms'},"
	 "'window':{'type':'integer','description':'number of the newest window'},"
	 "'start':{'type':'integer','description':'of that window, ms since 1970'},"
	 "'end':{'type':'integer','description':'of that window, ms since 1970'},"
	 "'cpuTime':{'type':'integer','description':'of all threads, ms'},"
	 "'memTotal':{'type':'integer','description':'of the host, bytes'},"
	 "'memFree':{'type':'integer','description':'of the host, bytes'},"
	 "'counters':{'type':'object','description':'all of weir:collector:ID',"
	  "'additionalProperties':{'type':'integer'}}},"
	 "'additionalProperties':{'type':'integer'}}"},
	{"Agents",
	 "{'type':'object','additionalProperties':{'$ref':'#/components/schemas/Agent'}}"},
	{"Agent",
	 "{'type':'object','required':['firstSeen','lastSeen','uptime','sFlowDatagramsReceived'],"
	 "'properties':{"
	 "'firstSeen':{'type':'integer','minimum':0,'description':'ms ago'},"
	 "'lastSeen':{'type':'integer','minimum':0,'description':'ms ago'},"
	 "'uptime':{'type':'integer','description':'of the agent, ms'}},"
	 "'additionalProperties':{'type':'integer','minimum':0}}"},
	{"FlowKeys",
	 "{'type':'object','additionalProperties':{'type':'integer','minimum':0,"
	 "'description':'ms ago'}}"},
	{"ActiveFlows",
	 "{'type':'array','items':{'$ref':'#/components/schemas/ActiveFlow'}}"},
	{"ActiveFlow",
	 "{'type':'object','required':['agent','dataSource','key','value','flowN','samples'],"
	 "'properties':{"
	 "'agent':{'type':'string','description':'where the largest value was seen'},"
	 "'dataSource':{'type':'string','description':'the same'},"
	 "'key':{'type':'string'},"
	 "'value':{'type':'number','description':'of a rate per second, smoothed'},"
	 "'flowN':{'type':'integer','minimum':1,'description':'data sources that saw it'},"
	 "'samples':{'type':'integer','minimum':0,'description':'that the value rests on'},"
	 "'error95':{'type':'number','minimum':0,'description':'with a probability of 95 % the true "
	  "value is within this share of the value'},"
	 "'lost':{'type':'number','minimum':0,'maximum':1,'description':'share of the samples of the "
	  "newest window that is known to be lost at this data source; values are corrected for it, "
	  "unless the setting correct is false'},"
	 "'values':{'type':'array','description':'the values beside the first, as the definition "
	  "has them; null where the flow has none','items':{'type':['number','null']}},"
	 "'valuesSamples':{'type':'array','items':{'type':'integer','minimum':0}},"
	 "'valuesError95':{'type':'array','items':{'type':['number','null']}}},"
	 "'additionalProperties':false}"},
	{"FlowLocations",
	 "{'type':'array','items':{'$ref':'#/components/schemas/FlowLocation'}}"},
	{"FlowLocation",
	 "{'type':'object','required':['agent','dataSource','key','value','samples'],'properties':{"
	 "'agent':{'type':'string'},"
	 "'dataSource':{'type':'string'},"
	 "'key':{'type':'string'},"
	 "'value':{'type':'number','description':'of a rate per second, smoothed'},"
	 "'samples':{'type':'integer','minimum':0,'description':'that the value rests on'},"
	 "'error95':{'type':'number','minimum':0},"
	 "'lost':{'type':'number','minimum':0,'maximum':1,'description':'share of the samples of the "
	  "newest window that is known to be lost at this data source; values are corrected for it, "
	  "unless the setting correct is false'},"
	 "'values':{'type':'array','description':'the values beside the first, as the definition "
	  "has them; null where the flow has none','items':{'type':['number','null']}},"
	 "'valuesSamples':{'type':'array','items':{'type':'integer','minimum':0}},"
	 "'valuesError95':{'type':'array','items':{'type':['number','null']}}},"
	 "'additionalProperties':false}"},
	{"Lookup",
	 "{'type':'object','description':'labels with their values: networks and addresses of a "
	  "group, values of keys of a map','additionalProperties':{'anyOf':["
	 "{'type':['string','integer']},"
	 "{'type':'array','items':{'type':['string','integer']}}]}}"},
	{"LookupState",
	 "{'type':'object','required':['lastUpdate','labels','values'],'properties':{"
	 "'lastUpdate':{'type':'integer','minimum':0,'description':'ms ago'},"
	 "'labels':{'type':'integer','minimum':0,'description':'how many'},"
	 "'values':{'type':'integer','minimum':0,'description':'how many'}},"
	 "'additionalProperties':false}"},
	{"Flow", .make = api_schema_of_flow},
	{"Threshold",
	 "{'type':'object','required':['metric','value'],'properties':{"
	 "'metric':{'type':'string','description':'a flow definition, or a metric; of one data source "
	  "alone: 2.1.load_one'},"
	 "'value':{'type':'number','minimum':0,'description':'an event begins above it'},"
	 "'byFlow':{'type':'boolean','description':'each flow, not only the largest'},"
	 "'timeout':{'type':'number','minimum':0,'description':'seconds below until it ends'},"
	 "'samples':{'type':'number','minimum':0,'description':'that the value rests on, at least'},"
	 "'filter':{'type':'object','description':'agent, dataSource, and metrics with patterns',"
	  "'additionalProperties':{'anyOf':[{'type':['string','number']},"
	  "{'type':'array','items':{'type':['string','number']}}]}},"
	 "'kind':{'type':'string','enum':['flow','metric','unknown'],'description':'what it is on; not "
	  "read'}},"
	 "'additionalProperties':false}"},
	{"MetricNames",
	 "{'type':'object','additionalProperties':{'type':'integer','minimum':0,"
	 "'description':'ms ago'}}"},
	{"MetricValue", "{'type':['number','string']}"},
	{"AgentMetrics",
	 "{'type':'object','additionalProperties':{'$ref':'#/components/schemas/MetricValue'}}"},
	{"TopKeys",
	 "{'type':'array','description':'of a flow definition with keys: its largest flows there, "
	  "largest first','items':{'type':'object','required':['key','value'],'properties':{"
	  "'key':{'type':'string'},'value':{'type':'number'}},'additionalProperties':false}}"},
	{"Statistics", "{'type':'array','items':{'$ref':'#/components/schemas/Statistic'}}"},
	{"Statistic",
	 "{'type':'object','required':['metricName','metricN'],'properties':{"
	 "'agent':{'type':'string','description':'max, min, any: whose the value is'},"
	 "'dataSource':{'type':'string','description':'the same'},"
	 "'metricName':{'type':'string','description':'as it was asked for'},"
	 "'metricValue':{'$ref':'#/components/schemas/MetricValue'},"
	 "'metricN':{'type':'integer','minimum':0,'description':'data sources that have it'},"
	 "'lastUpdate':{'type':'integer','minimum':0,'description':'ms ago; where the value is "
	  "none of one data source, of the newest'},"
	 "'lastUpdateMin':{'type':'integer','minimum':0,'description':'of the newest, ms ago'},"
	 "'lastUpdateMax':{'type':'integer','minimum':0,'description':'of the oldest, ms ago'},"
	 "'quartiles':{'type':'object','required':['min','q1','med','q3','max'],'properties':{"
	  "'min':{'type':'number'},'q1':{'type':'number'},'med':{'type':'number'},"
	  "'q3':{'type':'number'},'max':{'type':'number'}},'additionalProperties':false},"
	 "'topKeys':{'$ref':'#/components/schemas/TopKeys'}},"
	 "'additionalProperties':false}"},
	{"Metric",
	 "{'type':'object','required':['agent','dataSource','metricName','metricValue'],"
	 "'properties':{"
	 "'agent':{'type':'string'},"
	 "'dataSource':{'type':'string'},"
	 "'metricName':{'type':'string'},"
	 "'metricValue':{'$ref':'#/components/schemas/MetricValue'},"
	 "'lastUpdate':{'type':'integer','minimum':0,'description':'ms ago'},"
	 "'topKeys':{'$ref':'#/components/schemas/TopKeys'}},"
	 "'additionalProperties':false}"},
	{"Dump", "{'type':'array','items':{'$ref':'#/components/schemas/Metric'}}"},
	{"Table",
	 "{'type':'array','items':{'type':'array','description':'a row: a value for each column',"
	 "'items':{'anyOf':[{'$ref':'#/components/schemas/Metric'},{'type':'null'}]}}}"},
	{"Events", "{'type':'array','items':{'$ref':'#/components/schemas/Event'}}"},
	{"Event",
	 "{'type':'object','required':['eventID','state','timestamp','thresholdID','metric',"
	 "'threshold','value','agent','dataSource'],'properties':{"
	 "'eventID':{'type':'integer','description':'of this document; ascends'},"
	 "'state':{'type':'string','enum':['start','end']},"
	 "'timestamp':{'type':'integer','description':'ms since 1970'},"
	 "'thresholdID':{'type':'string'},"
	 "'metric':{'type':'string'},"
	 "'threshold':{'type':'number'},"
	 "'value':{'type':'number','description':'at the end: the last one above'},"
	 "'samples':{'type':'integer','description':'of a flow: that it rests on; at the end: the "
	  "peak'},"
	 "'agent':{'type':'string'},"
	 "'dataSource':{'type':'string'},"
	 "'flowKey':{'type':'string'},"
	 "'values':{'type':'array','description':'of the flow, beside the value, as the definition "
	  "lists them','items':{'type':['number','null']}},"
	 "'startID':{'type':'integer','description':'end: eventID of the start'},"
	 "'start':{'type':'integer','description':'end: timestamp of the start'},"
	 "'peak':{'type':'number','description':'end: the largest value'},"
	 "'duration':{'type':'integer','description':'end: ms above the threshold, first to last'}},"
	 "'additionalProperties':false}"},
	{"History",
	 "{'type':'object','required':['name','unit','step','steps','events'],'properties':{"
	 "'name':{'type':'string'},"
	 "'unit':{'type':'string','description':'of the total'},"
	 "'step':{'type':'integer','enum':[1,10],'description':'seconds'},"
	 "'steps':{'type':'array','items':{'$ref':'#/components/schemas/HistoryStep'}},"
	 "'events':{'$ref':'#/components/schemas/Events'}},"
	 "'additionalProperties':false}"},
	{"HistoryStep",
	 "{'type':'object','required':['start','end','total','value','samples','topKeys'],"
	 "'properties':{"
	 "'start':{'type':'integer','description':'ms since 1970'},"
	 "'end':{'type':'integer','description':'ms since 1970'},"
	 "'total':{'type':'integer','description':'of all flows, exact'},"
	 "'value':{'type':'number','description':'the same, per second'},"
	 "'samples':{'type':'integer'},"
	 "'topKeys':{'type':'array','maxItems':5,'items':{'type':'object','properties':{"
	  "'key':{'type':'string'},'value':{'type':'number','description':'per second'}}}}},"
	 "'additionalProperties':false}"},
	{"Capacity",
	 "{'type':'object','required':['time','metric','days','trendDays','threshold','years',"
	 "'known','analysed','history','links'],'properties':{"
	 "'time':{'type':'integer','description':'ms since 1970'},"
	 "'metric':{'type':'string'},"
	 "'days':{'type':'integer'},"
	 "'trendDays':{'type':'integer'},"
	 "'threshold':{'type':['number','null']},"
	 "'years':{'type':'integer'},"
	 "'known':{'type':'integer','description':'links that fit the question'},"
	 "'analysed':{'type':'integer','description':'of them, those whose history was read: the "
	  "busiest of late'},"
	 "'history':{'type':'boolean','description':'false: Redis does not answer, there are running "
	  "hours alone'},"
	 "'links':{'type':'array','items':{'$ref':'#/components/schemas/CapacityLink'}}},"
	 "'additionalProperties':false}"},
	{"CapacityLink",
	 "{'type':'object','required':['speed','metric','minutes','mean','p50','p95','p99','max','peak',"
	 "'trend','state','date','from','to','hour','metrics'],'properties':{"
	 "'agent':{'type':'string'},"
	 "'dataSource':{'type':'string','description':'ifIndex'},"
	 "'ifname':{'type':'string','description':'empty where it is not known'},"
	 "'since':{'type':'integer','description':'ms since 1970: known by this name since then; "
	  "older history is not looked at'},"
	 "'group':{'type':'string','description':'instead of the four above'},"
	 "'speed':{'type':'integer','description':'bits per second; 0: not known'},"
	 "'metric':{'type':'string','description':'that percentiles and trend are of'},"
	 "'minutes':{'type':'integer','description':'behind the percentiles'},"
	 "'mean':{'type':'number'},'p50':{'type':'number'},'p95':{'type':'number'},"
	 "'p99':{'type':'number'},"
	 "'max':{'type':'number','description':'largest average of a minute'},"
	 "'peak':{'type':'number','description':'largest between two counter records'},"
	 "'trend':{'description':'null: fewer than five weeks are known','anyOf':["
	  "{'type':'null'},"
	  "{'type':'object','required':['weeks','perWeek','low','high','now'],'properties':{"
	  "'weeks':{'type':'integer'},"
	  "'perWeek':{'type':'number','description':'growth, in the unit of the metric'},"
	  "'low':{'type':'number','description':'95 % interval of perWeek'},"
	  "'high':{'type':'number'},"
	  "'now':{'type':'number','description':'where the line is now'}}}]},"
	 "'state':{'type':'string','enum':['unknown','above','reaches','not'],'description':'of the "
	  "threshold: not known; above it; reached on date; not within the years'},"
	 "'date':{'type':['string','null'],'description':'at which the line reaches it'},"
	 "'from':{'type':['string','null'],'description':'95 % interval of date'},"
	 "'to':{'type':['string','null'],'description':'null: perhaps never'},"
	 "'hour':{'description':'that is running','anyOf':[{'type':'null'},"
	  "{'type':'object','required':['start','minutes','metrics'],'properties':{"
	  "'start':{'type':'integer'},'minutes':{'type':'integer'},"
	  "'metrics':{'$ref':'#/components/schemas/CapacityMetrics'}}}]},"
	 "'metrics':{'$ref':'#/components/schemas/CapacityMetrics'}},"
	 "'additionalProperties':false}"},
	{"CapacityMetrics",
	 "{'type':'object','description':'utilization in percent, errors and discards per second',"
	 "'additionalProperties':{'type':'object','properties':{"
	 "'mean':{'type':'number'},'p50':{'type':'number'},'p95':{'type':'number'},"
	 "'p99':{'type':'number'},'max':{'type':'number'},'peak':{'type':'number'}},"
	 "'additionalProperties':false}}"},
	{"FlowRecords", "{'type':'array','items':{'$ref':'#/components/schemas/FlowRecord'}}"},
	{"FlowRecord",
	 "{'type':'object','required':['flowID','name','flowKeys','value','samples','start','end',"
	 "'agent','dataSource'],'properties':{"
	 "'flowID':{'type':'integer'},"
	 "'name':{'type':'string'},"
	 "'flowKeys':{'type':'string'},"
	 "'value':{'type':'number','description':'sum of the samples, scaled; no rate'},"
	 "'samples':{'type':'integer'},"
	 "'start':{'type':'integer','description':'ms since 1970'},"
	 "'end':{'type':'integer','description':'ms since 1970'},"
	 "'agent':{'type':'string'},"
	 "'dataSource':{'type':'string'},"
	 "'values':{'type':'array','description':'beside the value, as the definition lists them; of "
	  "rates sums','items':{'type':['number','null']}}},"
	 "'additionalProperties':false}"},
	{"Counters",
	 "{'type':'object','additionalProperties':{'type':'object','properties':{"
	 "'value':{'type':'integer'},"
	 "'unit':{'type':'string'},"
	 "'kind':{'type':'string','enum':['counter','gauge'],'description':'a gauge falls, too'},"
	 "'help':{'type':'string'}},"
	 "'additionalProperties':false}}"},
	{"Configuration",
	 "{'type':'object','properties':{"
	 "'file':{'type':['string','null']},"
	 "'reloads':{'type':'integer','description':'times that it was read again and put in force'},"
	 "'refused':{'type':'integer'},"
	 "'lastReload':{'type':'integer','description':'ms since 1970; 0: it is that of the start'},"
	 "'error':{'type':['string','null'],'description':'why the newest was refused'}},"
	 "'additionalProperties':false}"},
	{"Topology",
	 "{'type':'object','properties':{"
	 "'version':{'type':'integer','description':'differs between any two; not read'},"
	 "'nodes':{'type':'object','additionalProperties':{'type':'object','properties':{"
	  "'agent':{'type':'string','description':'address of the sFlow agent'},"
	  "'dpid':{'type':'string'},"
	  "'tags':{'type':'object'},"
	  "'ports':{'type':'object','additionalProperties':{'type':'object','properties':{"
	   "'ifindex':{'description':'as in samples','anyOf':[{'type':'string'},{'type':'integer'}]},"
	   "'ofport':{'type':'string'},"
	   "'dpid':{'type':'string'},"
	   "'tags':{'type':'object'}},'additionalProperties':false}}},"
	  "'additionalProperties':false}},"
	 "'links':{'type':'object','additionalProperties':{'type':'object',"
	  "'required':['node1','port1','node2','port2'],'properties':{"
	  "'node1':{'type':'string'},'port1':{'type':'string'},"
	  "'node2':{'type':'string'},'port2':{'type':'string'},"
	  "'tags':{'type':'object'}},'additionalProperties':false}}},"
	 "'additionalProperties':false}"},
};

const struct api_kind api_kinds[] = {
	{"flow", "flow definition", "Flow", NULL, false},
	{"threshold", "threshold", "Threshold", NULL, false},
	{"group", "group", "Lookup", "groups", false, .listed = "LookupState"},
	{"map", "map", "Lookup", "maps", false, .listed = "LookupState"},
	{"topology", "topology", "Topology", NULL, true},
	{"config", "configuration", "Configuration", NULL, true},
};
/* clang-format on */

const unsigned api_schema_count = sizeof(api_schemas) / sizeof(api_schemas[0]);
const unsigned api_kind_count = sizeof(api_kinds) / sizeof(api_kinds[0]);

json_t *api_schema_json(const struct api_schema *s)
{
	char *text = s->text ? strdup(s->text) : NULL;
	json_t *schema;

	if (s->make)
		return s->make();
	for (char *p = text; p && *p; p++) {
		if (*p == '\'')
			*p = '"';
	}
	schema = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	return schema;
}

const struct api_kind *api_kind_find(const char *kind)
{
	for (unsigned i = 0; i < api_kind_count; i++) {
		if (strcmp(api_kinds[i].kind, kind) == 0 ||
			(api_kinds[i].old && strcmp(api_kinds[i].old, kind) == 0))
			return &api_kinds[i];
	}
	return NULL;
}
